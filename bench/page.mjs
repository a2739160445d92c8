/** docs/performance.md, of what was measured. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { built } from './build.mjs'
import { PHASES } from './phases.mjs'
import { root } from './trainer.mjs'

const PEER_NAMES = { torch: 'PyTorch', tensorflow: 'TensorFlow', jax: 'JAX' }
const peerName = (peer) => PEER_NAMES[peer] ?? peer

const number = (value) => (value === null || value === undefined ? '–' : String(Number(value.toPrecision(3))))
const table = (rows) => {
  const [head, ...rest] = rows.map((cells) => `| ${cells.join(' | ')} |`)
  return [head, `|${rows[0].map((_, i) => (i ? '---:' : '---')).join('|')}|`, ...rest].join('\n')
}
const mebibytes = (bytes) => number(bytes / 2 ** 20)

/** @param results by the part's name, each with its date, machine and load; a part that is not there was not run */
export async function writePage(results, say) {
  const figures = await import(pathToFileURL(await built('figures')).href)
  const docs = join(root, 'docs')
  mkdirSync(docs, { recursive: true })
  const draw = (name, svg) => writeFileSync(join(docs, `${name}.svg`), svg)
  const sections = [
    marked(results.starts, starts(results.starts)),
    marked(results.pictures, pictures(results.pictures, figures, draw)),
    marked(results.application, application(results.application)),
    marked(results.steps, steps(results.steps)),
    marked(results.screen, screen(results.screen)),
    marked(results.growth, growth(results.growth, figures, draw)),
  ]
  const parts = Object.entries(results)
  const paragraphs = [
    '# Performance',
    'Where time goes in the lab, and how long its peers take for the same on the same machine in the same minutes. ' +
      '`npm run bench` measures and writes this page (on two cores in half an hour or more; `-- --small` tries it in ' +
      'ten minutes, `-- --only growth` takes one part). Seconds differ between machines: what tells is the ratio of ' +
      'two times of one run. Below 1, the lab is faster.',
    ...machines(parts),
    ...sections.flat(),
    notRun(results),
  ]
  writeFileSync(join(docs, 'performance.md'), `${paragraphs.join('\n\n')}\n`)
  say('docs/performance.md is written.')
}

/** A section that says below its heading why its figures are rough, where they are. */
function marked(result, [heading, ...rest]) {
  if (!result) return [heading, ...rest]
  const { small, load, machine } = result
  const why = [
    small && 'a small run',
    load > 0.75 * machine.cores && `a load of ${load} before it, on ${machine.cores} cores`,
  ].filter(Boolean)
  return [heading, ...(why.length ? [`**Rough figures: ${why.join(', ')}.**`] : []), ...rest]
}

function machines(parts) {
  const rows = parts.map(([part, { date, load, small }]) => [
    part,
    date,
    String(load),
    small ? 'small' : 'whole',
  ])
  const [, { machine }] = parts[0] ?? [null, { machine: null }]
  if (!machine) return []
  const peers = Object.entries(machine.peers).map(([peer, version]) => `${peerName(peer)} ${version}`)
  const { processor, cores, memoryGiB, system, node } = machine
  return [
    `Measured on: ${processor}, ${cores} cores, ${memoryGiB} GiB; ${system}; Node ${node}; ${peers.join(', ')}.` +
      (machine.missing.length
        ? ` Not there, so not measured: ${machine.missing.map(peerName).join(', ')}.`
        : ''),
    table([['part', 'date', 'load before it', 'run'], ...rows]),
    'Load: the mean number of busy processes in the minute before the part began. Where it is near or above the ' +
      'number of cores, something else ran, and even ratios are rough. A small run asks fewer questions in fewer ' +
      'rounds: its figures show that all of it runs, and little more.',
  ]
}

function starts(result) {
  if (!result) return ['## Starts', 'Not run.']
  const { commands, workbench } = result.measured
  const [lab] = commands
  const rows = commands.map(({ name, median, least }) => [
    name.startsWith('residual-lab') ? `\`${name}\`` : `a script of ${peerName(name)}`,
    ...[number(median), number(least)],
    name.startsWith('residual-lab') ? '–' : number(lab.median / median),
  ])
  return [
    '## Starts',
    'Whole processes, in seconds. `signal` measures 20 networks of 20 blocks with bands, theory and what single ' +
      'networks of the width show; the scripts (`bench/start_peers.py`) only the two mean squares. Python’s bytecode ' +
      'and all files are in the system’s cache.',
    table([['command', 'median', 'least', '`signal` relative to it'], ...rows]),
    ...(workbench
      ? [
          `The workbench, in Chromium ${workbench.browser}, in seconds; from a press on, as the page’s own clock has ` +
            'them, to the frame after the one that says that it is finished. No peer has these.',
          table([
            ['from … to', 'median'],
            ...workbench.times.map(({ name, median }) => [name, number(median)]),
          ]),
        ]
      : ['There was no Chromium: the workbench was not measured.']),
  ]
}

function pictures(result, figures, draw) {
  if (!result) return ['## From the request to the last curve', 'Not run.']
  const { questions, peers, device } = result.measured
  const told = questions.filter(({ first }) => first.phases)
  const again = told.filter(({ later }) => later)
  draw(
    'performance-phases',
    figures.phasesSvg(
      'performance-phases',
      'Where the time of a measurement goes',
      told.map(({ title, first }) => ({ title, phases: first.phases })),
      PHASES,
    ),
  )
  draw(
    'performance-phases-again',
    figures.phasesSvg(
      'performance-phases-again',
      'The same with another seed: theory is known',
      again.map(({ title, later }) => ({ title, phases: later.phases })),
      PHASES,
    ),
  )
  const rows = questions.flatMap(({ title, series, networks, first, later, peers: others }) => [
    [
      `**${title}** (${series} × ${networks / series} networks)`,
      number(first.seconds),
      number(later?.seconds),
      '–',
    ],
    ...others.map((other) => [
      other.name,
      ...[number(other.first), number(other.later)],
      number((later ?? first).seconds / (other.later ?? other.first)),
    ]),
  ])
  return [
    '## From the request to the last curve',
    `A warm trainer (${device}), asked as the workbench asks it. First: an experiment that it has not seen; ` +
      'again: the same with another seed. A peer draws the same networks (modules that `residual-lab code` writes) ' +
      'and reads back the same statistics, or for shattered gradients the same curves; its first time holds what it ' +
      'compiles. ' +
      'The last column is the lab’s time relative to the peer’s, both as they are the second time (the first, where ' +
      `a peer took too long to be asked again). ${blasWords(peers)}`,
    table([['question', 'first, s', 'again, s', 'ratio'], ...rows]),
    '![Where the time goes, the first time](performance-phases.svg)',
    '![Where the time goes, again](performance-phases-again.svg)',
  ]
}

function application(result) {
  const title = '## In the application'
  if (!result) return [title, 'Not run.']
  const { missing, electron, device, rounds, rows } = result.measured
  if (missing) return [title, `Not measured: ${missing}.`]
  return [
    title,
    `\`npm run bench -- --only application\`: the trainer in Electron ${electron} (${device}), where Chromium’s ` +
      'allocator stands in for the system’s and gives memory back at once. From the request to the reply, median ' +
      `milliseconds of ${rounds} rounds in turns, with the pool of memory that TensorFlow has there on Linux, and ` +
      'without.',
    table([
      ['question', 'with the pool', 'without', 'ratio'],
      ...rows.map(({ title: question, pool, none }) => [
        question,
        number(pool),
        number(none),
        number(pool / none),
      ]),
    ]),
  ]
}

/** With what PyTorch multiplies: with the reference BLAS it is no evidence. */
function blasWords(peers) {
  const torch = peers.find(({ peer }) => peer === 'torch')
  if (!torch) return 'PyTorch was not there.'
  const compile = torch.compiles ? '' : ` This version (${torch.version}) has no \`torch.compile\`.`
  if (torch.blas === 'the reference BLAS') {
    return (
      '**PyTorch computes with the reference BLAS here, which is about twenty times slower than OpenBLAS: its times ' +
      `are no evidence.** On Debian install \`libopenblas0-pthread\`.${compile}`
    )
  }
  return `PyTorch multiplies with ${torch.blas}.${compile}`
}

function steps(result) {
  if (!result) return ['## One step of training', 'Not run.']
  const { step, variants, starts: begun, targets, lossDifference } = result.measured
  const named = (name) =>
    name
      .replace(/^n /, `${step.networks} networks: `)
      .replace(/^1 /, '1 network: ')
      .replace(/^five /, `5 series of ${step.networks / 5}: `)
      .replace(/^resnet /, 'ResNet-20, sequences: ')
      .replace(/^images(\d+) /, (_, size) => `ResNet-20, images of ${size} × ${size}: `)
  const rows = Object.entries(variants).map(([name, { median, low, high }]) => [
    named(name),
    ...[number(median), `${number(low)} to ${number(high)}`],
  ])
  return [
    '## One step of training',
    `MLPs of ${step.blocks} blocks of width ${step.width}, ResNet-20, batch ${step.batch}, from the same numbers; ` +
      'after three steps losses differ from the peers’ by ' +
      `${lossDifference.toExponential(1)} at most, relative. Milliseconds a step, read back.`,
    table([['step', 'median', 'middle half'], ...rows]),
    'Ratios, each taken within rounds; the goal is what the project wants to hold on a quiet machine.',
    table([
      ['what', 'here', 'goal, at most', ''],
      ...targets.map(({ name, value, limit, met }) => [
        name,
        number(value),
        String(limit),
        met ? 'met' : '**missed**',
      ]),
    ]),
    ...(begun
      ? [
          'Starts of a training, in seconds to the first picture and to the end of the first step: ' +
            `one network ${number(begun.one.frame)} and ${number(begun.one.step)}, ${step.networks} networks ` +
            `${number(begun.n.frame)} and ${number(begun.n.step)}, five series ` +
            `${number(begun.five.frame)} and ${number(begun.five.step)}.`,
        ]
      : []),
  ]
}

function screen(result) {
  const title = '## The screen while networks train'
  if (!result) return [title, 'Not run.']
  if (!result.measured) return [title, 'There was no Chromium: not measured.']
  const { rows, chromium } = result.measured
  const spread = ({ median, high, maximum }) => [median, high, maximum].map(number).join(' / ')
  return [
    title,
    `\`npm run bench -- --only screen\`, by the tracing of Chromium ${chromium}: what somebody does who looks at a ` +
      'training. Milliseconds, median / 95th percentile / longest: from a press or a key to what is seen of it, by ' +
      'the clock; the page’s own tasks in processor time, which a busy machine does not change. Goals: 60 frames a ' +
      'second, inputs seen within 50 ms.',
    table([
      ['scene', 'frames a second', 'frames in time', 'input to screen', 'tasks of the page', 'load'],
      ...rows.map(({ scene, framesPerSecond, framesInTime, input, task, load }) => [
        ...[scene, number(framesPerSecond), `${Math.round(100 * framesInTime)} %`],
        ...[spread(input), spread(task), number(load)],
      ]),
    ]),
  ]
}

function growth(result, figures, draw) {
  if (!result) return ['## Growth', 'Not run.']
  const { axes, training, torch } = result.measured
  const words = ({ base, id }) =>
    ['blocks', 'width', 'replicas', 'batch']
      .filter((key) => key !== id)
      .map((key) => `${key} ${base[key]}`)
      .join(', ')
  const [depth, ...others] = axes
  draw(
    'performance-depth',
    figures.growthSvg('performance-depth', 'Cost over depth', 'blocks', [
      { name: 'signal', points: depth.points },
      { name: 'a step of training', points: training },
      ...(torch.length ? [{ name: 'PyTorch, signal with hooks', points: torch }] : []),
    ]),
  )
  others.forEach(({ id, title, points }) =>
    draw(
      `performance-${id}`,
      figures.growthSvg(`performance-${id}`, `Cost over ${title}`, title, [{ name: 'signal', points }]),
    ),
  )
  const at = (points, value) => points.find((point) => point.value === value)
  const rows = depth.points.map(({ value, seconds, whole, bytes }) => {
    const [step, peer] = [at(training, value), at(torch, value)]
    return [
      value.toLocaleString('en'),
      ...[number(seconds), number(whole), mebibytes(bytes)],
      ...[step && number(step.seconds), step && number(step.start), step && mebibytes(step.bytes)].map(
        orDash,
      ),
      ...[peer && number(seconds / peer.seconds), peer && number(bytes / peer.bytes)].map(orDash),
    ]
  })
  const head = ['blocks', 'signal, s', 'with the reply, s', 'MiB', 'a step, s', 'its start, s', 'MiB']
  return [
    '## Growth with depth, networks and batch',
    `\`npm run bench -- --only growth\`. Remedy 1/√2, ${words(depth)}; each point in a process of its own. Signal: ` +
      'from the request to the last curve; with the reply: to what single networks of the width show. Memory: the ' +
      'peak, ' +
      'beyond what the process held before.',
    table([[...head, 'time ratio to PyTorch', 'memory ratio'], ...rows]),
    '![Cost over depth](performance-depth.svg)',
    ...others.flatMap((axis) => [
      `${axis.title[0].toUpperCase()}${axis.title.slice(1)}: ${words(axis)}.`,
      `![Cost over ${axis.title}](performance-${axis.id}.svg)`,
    ]),
  ]
}

const orDash = (text) => text ?? '–'

function notRun({ growth: grown, pictures: seen, steps: stepped }) {
  const lacksCompile = seen?.measured.peers.some(({ peer, compiles }) => peer === 'torch' && !compiles)
  const devices = [seen?.measured.device, stepped?.measured.machine.device]
  const lines = [
    !devices.some((device) => device?.startsWith('GPU')) &&
      '- No GPU, of any maker: neither TensorFlow on CUDA nor WebGPU on a real card. No figure here is of one.',
    '- Steps compiled by XLA (`_XlaMustCompile`) on a GPU: there a training chooses by measurement between them and ' +
      'TensorFlow’s own graph, which was tried on the CPU alone; and how busy a GPU is was read from stand-ins of ' +
      'nvidia-smi.',
    lacksCompile && '- `torch.compile`: PyTorch has it from version 2 on, and this machine has an older one.',
    grown && `- Training at more than ${grown.measured.training.at(-1).value.toLocaleString('en')} blocks.`,
    '- Any other machine: no other system, and no other number of cores.',
  ]
  return ['## What was never run', ...lines.filter(Boolean)].join('\n')
}
