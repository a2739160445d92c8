import { InputError } from '../../../../shared/base/errors'
import { formatBytes, formatNumber } from '../../../../shared/base/format'
import { valuesOf, type DataDescription } from '../../../../shared/data/description'
import { dataFigures, partFigures } from '../../../../shared/data/figures'
import { dataSetOf } from '../../../../shared/data/samples'
import { targetScale } from '../../../../shared/data/targets'
import { shapeText } from '../../../../shared/numerics/shape'
import { allData, listedData } from '../../../data/all'
import type { Attention } from '../../../data/attention'
import { fetchDataSet } from '../../../data/fetch'
import { dataHash } from '../../../data/hash'
import { importSamples } from '../../../data/import'
import { importOptions } from '../../../data/import-options'
import { openDataStore } from '../../../data/store'
import { dataFolder } from '../../../files/data-folder'
import { ownCommand } from '../../../files/program'
import { RuntimeError, progressPrinter } from '../../../runtime'
import { JSON_OPTION, type CliCommand, type CliGroup } from '../command'
import { Stopped, clearProgress } from '../job'
import { print, printDocument, table } from '../output'

const store = () => openDataStore(dataFolder())

const ORIGINS: Record<DataDescription['origin'], string> = {
  generated: 'generated',
  carried: 'carried',
  fetched: 'fetched',
  own: 'your own',
}

const list: CliCommand = {
  name: 'list',
  description: 'List the data sets: those that the program has or can get, and your own.',
  options: [JSON_OPTION],
  run({ json }) {
    const sets = allData(store())
    if (json === true) return printDocument({ data: sets })
    const rows = sets.map(({ name, title, shape, classes, targets, training, test, origin, here }) => [
      name,
      title,
      shapeText(shape),
      targets ? counted(targets.length, 'target') : counted(classes, 'class', 'classes'),
      `${training.toLocaleString('en')} + ${test.toLocaleString('en')}`,
      here ? ORIGINS[origin] : `get it: ${ownCommand(`data get ${name}`)}`,
    ])
    print(
      table([['name', 'title', 'sample', 'learned', 'training + test', 'where from'], ...rows]).join('\n'),
    )
  },
}

const show: CliCommand = {
  name: 'show <name>',
  description:
    'Show one: what a sample is, source and licence, classes and their balance, range, standardisation, hash.',
  options: [JSON_OPTION],
  run({ json }, name) {
    const { here, ...description } = listedData(store(), name)
    if (!here) {
      if (json === true) return printDocument({ ...description, here })
      print(
        [...headLines(description), `Its samples are not here: ${ownCommand(`data get ${name}`)}`].join('\n'),
      )
      return
    }
    const data = dataSetOf({ data: name, ownData: description })
    const sha256 = description.sha256 ?? dataHash(data)
    const [training, test] = [data.training, data.test].map((part) => partFigures(part, description))
    const scale = data.scale && { mean: [...data.scale.mean], deviation: [...data.scale.deviation] }
    if (json === true) {
      const { training: _training, test: _test, ...rest } = description
      const own = description.targets && targetScale(data)
      const targetsScale = own && { mean: [...own.mean], deviation: [...own.deviation] }
      return printDocument({ ...rest, sha256, here, training, test, scale, ...(own ? { targetsScale } : {}) })
    }
    const targets = dataFigures(data).targets.map(({ training: own, test: last }, i) => {
      const { name: target, unit } = description.targets![i]
      const row = [own.low, own.high, own.mean, own.deviation, last.mean, last.deviation].map((x) =>
        formatNumber(x),
      )
      return [unit === undefined ? target : `${target} (${unit})`, ...row]
    })
    const names = description.classNames ?? training.perClass.map((_, i) => String(i))
    const balance = names.map((one, i) => [one, String(training.perClass[i]), String(test.perClass[i])])
    const bytes = [data.training, data.test].reduce((sum, { x, y }) => sum + x.byteLength + y.byteLength, 0)
    const isHeld = ArrayBuffer.isView(data.training.x)
    const range = ({ low, high, mean, deviation }: typeof training) =>
      `${formatNumber(low)} to ${formatNumber(high)}, mean ${formatNumber(mean)}, ` +
      `standard deviation ${formatNumber(deviation)}`
    print(
      [
        ...headLines(description),
        `training: ${range(training)}`,
        `test:     ${range(test)}`,
        `goes in:  ${scaleText(data.scale?.mean.length ?? 0)}`,
        `samples:  ${formatBytes(bytes)}${isHeld ? ', held in memory' : ', read from the disk piece by piece'}`,
        `sha256:   ${sha256}`,
        '',
        ...(targets.length
          ? table([['target', 'min', 'max', 'mean', 'sd', 'test mean', 'test sd'], ...targets])
          : table([['class', 'training', 'test'], ...balance])),
      ].join('\n'),
    )
  },
}

const counted = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`

const headLines = (description: DataDescription): string[] => {
  const { title, definition, source, licence, shape, classes, targets, training, test } = description
  const learned = targets ? counted(targets.length, 'target') : counted(classes, 'class', 'classes')
  return [
    `${title}: ${definition}`,
    `source:   ${source}`,
    `licence:  ${licence}`,
    `sample:   ${shapeText(shape)} (${valuesOf(description).toLocaleString('en')} values), ${learned}`,
    `parts:    ${training.toLocaleString('en')} to train on, ${test.toLocaleString('en')} to test`,
  ]
}

function scaleText(period: number): string {
  if (period === 0) return 'as it is'
  const of =
    period === 1 ? 'all values together' : `each of ${period.toLocaleString('en')} values, or channels,`
  return `less its mean, divided by its standard deviation: of ${of} over the training part`
}

const importData: CliCommand = {
  name: 'import <path>',
  description:
    'Take in data of your own: CSV, NPY, NPZ, IDX (also .gz), CIFAR-10’s .bin, a folder of such files, or one of ' +
    'pictures by class (PNG, JPEG; also as .zip).',
  options: [
    ['--name <NAME>', 'what it is called from then on'],
    [
      '--target <COLUMN>',
      'the column of labels or targets of a CSV file, by name or number; the last by default',
    ],
    [
      '--task <classification|regression>',
      'whether the target is a class or a value; by default words and a few whole numbers are classes',
    ],
    ['--labels <FILE>', 'the file of labels of an NPY or IDX file'],
    ['--separator <CHARACTER>', 'what stands between the columns of a CSV file; found out by default'],
    ['--header <on|off>', 'whether the first line of a CSV file names its columns; found out by default'],
    [
      '--size <WxH>',
      'what pictures are resized to, such as 32x32, bilinear; without it all must have one size',
    ],
    ['--grey', 'make pictures grey, of one channel'],
    [
      '--test-share <X>',
      'share of the samples that is for the test, where the file sets none apart. Default: 0.2.',
    ],
    ['--seed <N>', 'of the split. Default: 1.'],
    JSON_OPTION,
  ],
  async run(options, path) {
    const { name, json } = options
    if (typeof name !== 'string')
      throw new InputError('--name', 'the data set has no name', 'Give one: --name flowers.')
    const own = store()
    const asked = { name, ...importOptions(options) }
    const { data, notes } = await attending(async (attention) => {
      own.checkName(name)
      const found = await importSamples(path, asked, { ...attention, folder: own.folder })
      own.keep(found.data)
      return found
    })
    notes.forEach((note) => process.stderr.write(`${note}\n`))
    if (json === true) return printDocument({ ...data.description, notes })
    print([...headLines(data.description), `Learn it: ${ownCommand(`train --data ${name}`)}`].join('\n'))
  },
}

const get: CliCommand = {
  name: 'get <name>',
  description: 'Get MNIST, Fashion-MNIST or CIFAR-10 once, by the system’s package managers or from a file.',
  options: [['--from <PATH>', 'from a file or folder, without network'], JSON_OPTION],
  async run({ from, json }, name) {
    const given = typeof from === 'string' ? { from } : {}
    const own = store()
    await attending((attention) => fetchDataSet(name, own, { ...given, ...attention }))
    if (json === true) return printDocument(own.describe(name))
    print([...headLines(own.describe(name)), `Learn it: ${ownCommand(`train --data ${name}`)}`].join('\n'))
  },
}

/** Work whose progress stands on stderr, and which Ctrl+C ends. @throws Stopped; what the work throws */
async function attending<Result>(work: (attention: Required<Attention>) => Promise<Result>): Promise<Result> {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.on('SIGINT', onSignal)
  try {
    return await work({ signal: stop.signal, onProgress: progressPrinter(process.stderr) })
  } catch (error) {
    if (stop.signal.aborted) throw new Stopped()
    throw error instanceof RuntimeError ? new Error(error.sentences) : error
  } finally {
    clearProgress()
    process.off('SIGINT', onSignal)
  }
}

const remove: CliCommand = {
  name: 'remove <name>',
  description: 'Remove a data set of your own, or one that was fetched, from the disk.',
  options: [JSON_OPTION],
  run({ json }, name) {
    store().remove(name)
    if (json === true) printDocument({ removed: name })
    else print(`Removed ${name}.`)
  },
}

/** Data sets: what there is, getting and taking in. */
export const data: CliGroup = {
  name: 'data',
  description: 'Data sets that networks learn: list, show, get, import and remove them.',
  commands: [list, show, get, importData, remove],
}
