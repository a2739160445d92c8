import { formatBytes, formatDuration, formatNumber } from '../../../../shared/base/format'
import type { RunEntry } from '../../../../shared/runs/run'
import { METRICS_FORMATS, metricsFormat } from '../../../export/metrics/formats'
import { writeMetrics } from '../../../export/metrics/write-metrics'
import { ownCommand } from '../../../files/program'
import { exportToFile } from '../../../runs/export-file'
import { verifyRun } from '../../../runs/verify'
import { findRun } from '../../../runs/find-run'
import type { RunLibrary } from '../../../runs/library'
import { JSON_OPTION, type CliCommand, type CliGroup, type CommandOption, type OptionTexts } from '../command'
import { inCommandThread } from '../in-thread'
import { RefusedInput, runJob } from '../job'
import { asOption, needed } from '../needed'
import { openLibrary } from '../keep'
import { print, printDocument, table } from '../output'
import { exportPoints, importFiles, runsOfSweep } from '../sweep/transfer'

/** One command on one run, which its first argument names. */
function onRun(
  name: string,
  description: string,
  run: (library: RunLibrary, entry: RunEntry, options: OptionTexts, ...given: string[]) => Promise<void>,
  options: readonly CommandOption[] = [],
): CliCommand {
  return {
    name,
    description,
    options: [JSON_OPTION, ...options],
    async run(options, text, ...given) {
      const library = openLibrary()
      await run(library, findRun(text, library.list().runs), options, ...given)
      await library.close()
    },
  }
}

/** A run as documents have it. */
const runFields = ({ id, version, ...entry }: RunEntry) => ({ run: id, ...entry, lab: version })

/** What a command has changed: the document, or a sentence. */
function tell(options: OptionTexts, entry: RunEntry, sentence: string): void {
  if (options.json === true) printDocument(runFields(entry))
  else print(sentence)
}

const called = ({ id, name }: RunEntry) => (name === id ? id : `${id} (${name})`)

const list: CliCommand = {
  name: 'list',
  description: 'List the runs, the newest first.',
  options: [JSON_OPTION, ['--removed', 'those in the trash, too']],
  async run({ json, removed }) {
    const library = openLibrary()
    const { runs, problems, path, newer } = library.list()
    await library.close()
    const shown = removed === true ? runs : runs.filter((run) => run.removed === null)
    if (json === true) return printDocument({ path, runs: shown.map(runFields), problems, newer })
    if (newer) process.stderr.write(`${newer}\n`)
    problems.forEach((problem) => process.stderr.write(`${problem}\n`))
    if (!shown.length)
      return print(`There is no run yet in ${path}. Keep one: train does, and signal with --keep.`)
    const rows = shown.map((run) => [
      run.pinned ? '*' : '',
      ...[run.id, run.name === run.id ? '' : run.name, run.kind, run.created.slice(0, 16).replace('T', ' ')],
      ...[run.removed ? 'removed' : run.state, run.title, run.varied, figureText(run)],
    ])
    const head = ['', 'run', 'name', 'kind', 'begun', 'state', 'networks', 'varied', 'figure']
    print(table([head, ...rows]).join('\n'))
  },
}

/** Of the first figure: "none: q at 20 = 1.05e6". */
const figureText = ({ figures: [first] }: RunEntry) =>
  first ? `${first.label} = ${formatNumber(first.value)} (n = ${first.n})` : ''

const show = onRun('show <RUN>', 'Show one run.', async (library, { id }, { json }) => {
  const { entry, experiment, environment, result } = library.open(id)
  if (json === true) return printDocument({ ...runFields(entry), experiment, environment, result })
  const { kind, state, title, varied, figures, device, created, seconds, note, tags, bytes, command } = entry
  print(`${called(entry)}: ${kind}, ${state}${entry.removed ? ', in the trash' : ''}`)
  print(`${title}${varied && `; ${varied}`}`)
  print(`${device}; begun ${created}, ${formatDuration(seconds)}; ${formatBytes(bytes)}`)
  if (entry.deviceNote) print(entry.deviceNote)
  if (tags.length) print(`Tags: ${tags.join(', ')}`)
  if (note) print(note)
  if (command) print(command)
  const spread = (low: number | null, high: number | null) =>
    low === null || high === null ? '' : `${formatNumber(low)} to ${formatNumber(high)}`
  const rows = figures.map((one) => [
    ...[one.label, formatNumber(one.value), spread(one.low, one.high), String(one.n)],
  ])
  if (rows.length) print(table([['figure', 'mean', '5 % to 95 %', 'n'], ...rows]).join('\n'))
})

const rename = onRun(
  'rename <RUN> <NAME>',
  'Give a run another name.',
  async (library, { id }, options, name) => {
    const entry = await library.change(id, { name })
    tell(options, entry, `${id} is called ${entry.name}.`)
  },
)

const tag = onRun(
  'tag <RUN> <TAGS>',
  'Give a run tags: words with commas between them.',
  async (library, { id, tags }, options, text) => {
    const given = text.split(',').filter((one) => one.trim())
    const others = tags.filter((one) => !given.some((other) => other.trim() === one))
    const entry = await library.change(id, { tags: options.delete === true ? others : [...tags, ...given] })
    tell(options, entry, `${id} has ${entry.tags.length ? `the tags ${entry.tags.join(', ')}` : 'no tags'}.`)
  },
  [['--delete', 'take these away']],
)

const note = onRun(
  'note <RUN> <TEXT>',
  'Write a note on a run, in place of the old one.',
  async (library, { id }, options, text) => {
    tell(options, await library.change(id, { note: text }), `${id} has its note.`)
  },
)

const pin = onRun(
  'pin <RUN>',
  'Keep a run whatever the size of the library.',
  async (library, { id }, options) => {
    const entry = await library.change(id, { pinned: options.off !== true })
    tell(options, entry, `${id} is ${entry.pinned ? 'pinned' : 'not pinned any more'}.`)
  },
  [['--off', 'not any more']],
)

const remove = onRun('remove <RUN>', 'Put a run into the trash.', async (library, entry, options) => {
  const [removed] = await library.remove([entry.id])
  tell(
    options,
    removed,
    `${called(entry)} is in the trash; ${ownCommand(`runs restore ${entry.id}`)} brings it back.`,
  )
})

const removeRun: CliCommand = {
  ...remove,
  name: 'remove <RUN>',
  description: 'Put a run into the trash, or all runs of a sweep, by its id or name.',
  async run(options, text) {
    const library = openLibrary()
    const { runs } = library.list()
    const isRun = runs.some(({ id, name }) => id === text || name === text)
    const own = runs.filter(
      ({ sweep, removed, state }) =>
        removed === null && state !== 'running' && (sweep?.id === text || sweep?.name === text),
    )
    if (isRun || !own.length) {
      await library.close()
      return remove.run(options, text)
    }
    const removed = await library.remove(own.map(({ id }) => id))
    await library.close()
    if (options.json === true) printDocument({ run: own[0].sweep!.id, runs: removed.map(({ id }) => id) })
    else
      print(
        `${removed.length} runs of ${text} are in the trash; ${ownCommand('runs restore RUN')} brings one back.`,
      )
  },
}

const restore = onRun('restore <RUN>', 'Take a run out of the trash.', async (library, entry, options) => {
  const [restored] = await library.restore([entry.id])
  tell(options, restored, `${called(entry)} is back.`)
})

const exportOne = onRun(
  'export <RUN> [PATH]',
  'Write a run into one .zip file, or the points of a sweep, by its id or name, into one each.',
  async (library, { id }, options, file = `${id}.zip`) => {
    await exportToFile(library, id, file, false)
    if (options.json === true) printDocument({ run: id, file })
    else print(`${id} is in ${file}.`)
  },
)

const exportRun: CliCommand = {
  ...exportOne,
  async run(options, text, folder = text) {
    const library = openLibrary()
    const points = runsOfSweep(text, library.list().runs)
    if (!points) return exportOne.run(options, text, ...(folder === text ? [] : [folder]))
    const written = await exportPoints(library, points, folder)
    await library.close()
    const { id, points: size } = points[0].sweep!
    if (options.json === true) printDocument({ run: id, folder, points: points.length, written })
    else
      print(`${points.length} of ${size} points of ${id} are in ${folder}, ${written} of them written now.`)
  },
}

const FORMAT_NAMES = METRICS_FORMATS.map(({ name }) => name)

const metrics = onRun(
  'metrics <RUN>',
  'Write all numbers of a run as a table, or for TensorBoard.',
  async (library, { id }, options) => {
    const format = metricsFormat(needed(options, 'format', `Choose ${FORMAT_NAMES.join(', ')}.`))
    const out = needed(options, 'out', 'Say where the numbers go.')
    const written = await writeMetrics(library, id, format, { out, force: options.force === true }).catch(
      asOption,
    )
    if (options.json === true) printDocument({ run: id, format: format.name, path: out, ...written })
    else print(`The numbers of ${id} are in ${out}, for ${format.reader.replace('PATH', out)}.`)
  },
  [
    [`--format <${FORMAT_NAMES.join('|')}>`, 'what is to read them'],
    ['--out <PATH>', 'where they go: a file; for tensorboard a folder'],
    ['--force', 'replace what is there'],
  ],
)

const importRun: CliCommand = {
  name: 'import <PATH...>',
  description: 'Take runs from .zip files, or from all that are in a folder.',
  options: [JSON_OPTION],
  async run(options, ...paths) {
    const library = openLibrary()
    const { runs, present, problems } = await importFiles(library, paths)
    await library.close()
    const taken = [...runs, ...present]
    const files = taken.length + problems.length
    if (files === 1) {
      if (problems.length) throw problems[0]
      tell(options, taken[0], `${called(taken[0])} is in the library${present.length ? ' already' : ''}.`)
      return
    }
    problems.forEach(({ message }) => process.stderr.write(`${message}\n`))
    if (options.json === true)
      printDocument({
        runs: runs.map(runFields),
        present: present.map(({ id }) => id),
        problems: problems.map(({ message }) => message),
      })
    else print(`${runs.length} runs are in the library now; ${present.length} were there already.`)
    if (problems.length) throw new RefusedInput(`${problems.length} of ${files} files could not be taken.`)
  },
}

const verify = onRun(
  'verify <RUN>',
  'Do a run again on this machine: identical, within tolerance, or different, and where first.',
  async (library, { id }, options) => {
    const found = await verifyRun(library, id, {
      job: ({ type, ...body }) => runJob(type, body),
      paths: (given, networks) => inCommandThread('paths', given, networks),
      trainedPaths: (given, networks) => inCommandThread('trainedPaths', given, networks),
      regions: (given) => inCommandThread('regions', given, given.networks),
    })
    if (options.json === true) printDocument({ run: id, ...found })
    else print(`${id}: ${found.words}`)
  },
)

const empty: CliCommand = {
  name: 'empty',
  description: 'Delete what is in the trash for good.',
  options: [JSON_OPTION],
  async run({ json }) {
    const library = openLibrary()
    const { deleted } = await library.empty()
    await library.close()
    if (json === true) printDocument({ deleted })
    else print(deleted === 1 ? 'One run is deleted.' : `${deleted} runs are deleted.`)
  },
}

/** The library of runs. A RUN is its id, the beginning of one, its name, or `last`. */
export const runs: CliGroup = {
  name: 'runs',
  description: 'The library of runs. A RUN is its id, the beginning of one, its name, or "last".',
  commands: [
    ...[list, show, rename, tag, note, pin, removeRun, restore, empty],
    ...[exportRun, importRun, metrics, verify],
  ],
}
