// The architecture is a rule about imports: layers in which each imports only those above it, and no cycle, types
// included. `npm run lint` holds it.

/** shared/, from the ground up: each folder may import the ones before it. */
const SHARED = [
  'base',
  'numerics',
  'graph',
  'moments',
  'operations',
  'block',
  'data',
  'settings',
  'network',
  'theory',
  'charts',
  'experiment',
  // The analyses stand side by side and never import each other.
  ['signal', 'order', 'paths', 'shatter', 'lesion', 'train', 'depth'],
  'sweep',
  'runs',
  'figures',
  'export',
  'import',
  'report',
  'queue',
  'editor',
  'protocol',
]

/** renderer/, in the same way. */
const RENDERER = ['base', 'compute', 'charts', 'components', 'state', 'views', 'app', 'gallery']

/** Rules that keep every folder of `root` from importing what comes after it, or stands beside it. */
function layers(root, order) {
  const levels = order.map((level) => [level].flat())
  return levels.flatMap((level, i) => {
    const later = levels.slice(i + 1).flat()
    return level
      .map((folder) => {
        const beside = level.filter((other) => other !== folder)
        return {
          name: `${root}/${folder}-imports-only-layers-above`,
          comment: `${root}/: ${levels.map((one) => one.join(', ')).join(' < ')}.`,
          severity: 'error',
          from: { path: `^${root}/${folder}/` },
          to: { path: `^${root}/(${[...later, ...beside].join('|')})/` },
        }
      })
      .filter(({ to }) => !to.path.includes('()'))
  })
}

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    forbid('no-cycle', 'No file imports itself through others, not even for types.', {}, { circular: true }),
    ...layers('shared', SHARED),
    ...layers('renderer', RENDERER),
    forbid(
      'renderer-has-folders-of-the-table',
      'A new folder of renderer/ takes its place in the table of layers.',
      { path: `^renderer/(?!(${RENDERER.join('|')})/)[^/]+/` },
      { path: '.' },
    ),
    forbid(
      'a-view-imports-no-other-view',
      'What two views share stands in views/common/ or in a layer above.',
      { path: '^renderer/views/([^/]+)/' },
      { path: '^renderer/views/[^/]+/', pathNot: '^renderer/views/($1|common)/' },
    ),
    forbid(
      'shared-has-folders-of-the-table',
      'A new folder of shared/ takes its place in the table of layers.',
      { path: `^shared/(?!(${SHARED.flat().join('|')})/)` },
      { path: '.' },
    ),
    forbid(
      'shared-is-pure',
      'shared/ is TypeScript alone: no Node, DOM library, Electron or TensorFlow. Chart.js needs none of these.',
      { path: '^shared/' },
      {
        path:
          '^(main|renderer|bin|test|bench)/|^(electron|svelte|ws)(/|$)|@tensorflow|' +
          'node_modules/(electron|svelte|ws|@tensorflow)/',
      },
    ),
    forbid(
      'only-charts-draw',
      'What is drawn, on the screen and in figures, stands in shared/charts/ and shared/figures/.',
      { path: '^shared/', pathNot: '^shared/(charts|figures)/' },
      { path: '^chart\\.js(/|$)|node_modules/chart\\.js/' },
    ),
    forbid(
      'shared-is-pure-of-node',
      'shared/ runs in the page, in workers and in Node alike.',
      { path: '^shared/' },
      { dependencyTypes: ['core'] },
    ),
    forbid(
      'renderer-knows-only-shared',
      'The renderer imports shared/ and its own files.',
      { path: '^renderer/' },
      { path: '^(main|bin|test|bench)/|node_modules/(electron|@tensorflow)/' },
    ),
    forbid(
      'compile-knows-no-networks',
      'Compiled steps know TensorFlow.js alone.',
      { path: '^main/trainer/compile/' },
      { path: '^(shared|main/(?!trainer/compile/|trainer/backend/))' },
    ),
    forbid(
      'engine-knows-no-host',
      'The engine knows neither Electron nor the process it is in.',
      { path: '^main/trainer/(engine|compile)/' },
      { path: '^(main/(hosts|runtime)/|renderer/)|node_modules/(electron|svelte|chart\\.js)/' },
    ),
    forbid(
      'only-the-backend-loads-tensorflow',
      'One place loads TensorFlow.js and its binding; others import its types.',
      { path: '^(main|shared|renderer)/', pathNot: '^main/trainer/backend/' },
      // The protobuf messages that graphs are written in are plain JavaScript.
      {
        path: 'node_modules/@tensorflow/',
        pathNot: '/dist/proto/',
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'files-know-nobody',
      'main/files/ reads and writes for all of main/.',
      { path: '^main/files/' },
      { path: '^(main/(?!files/)|renderer/|shared/(?!base/))' },
    ),
    forbid(
      'figures-know-no-host',
      'main/figures/ writes figures for whoever asks.',
      { path: '^main/figures/' },
      { path: '^(main/(?!figures/)|renderer/)' },
    ),
    forbid(
      'queue-knows-no-host',
      'main/queue/ keeps the queue of jobs and works it off; hosts bring the trainer.',
      { path: '^main/queue/' },
      { path: '^(main/(hosts|trainer|data|runtime)/|renderer/)' },
    ),
    forbid(
      'imports-know-no-host',
      'main/import/ reads what others wrote; hosts bring the thread, and exports never need it.',
      { path: '^main/import/' },
      { path: '^(main/(hosts|data|runtime)/|renderer/)' },
    ),
    forbid(
      'exports-know-no-import',
      'main/export/ and main/runs/ stand before main/import/.',
      { path: '^main/(export|runs|files|trainer)/' },
      { path: '^main/import/' },
    ),
    forbid(
      'data-know-no-host',
      'main/data/ reads, gets and keeps data sets; it knows neither hosts nor the trainer.',
      { path: '^main/data/' },
      { path: '^(main/(hosts|trainer|runs)/|renderer/)' },
    ),
    forbid(
      'runtime-knows-no-trainer',
      'main/runtime/ fetches TensorFlow’s library; it knows neither hosts nor the trainer.',
      { path: '^main/runtime/' },
      { path: '^(main/(hosts|trainer)/|renderer/|shared/(?!base/))' },
    ),
    forbid(
      'hosts-meet-the-trainer-by-the-wire',
      'A host talks to the trainer’s process; it does not load it.',
      { path: '^main/(hosts/|index|preload)' },
      { path: '^main/trainer/(index|worker|messages|compile/|backend/(?!notices))' },
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
