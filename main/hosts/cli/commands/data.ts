import { InputError } from '../../../../shared/base/errors'
import { finiteNumber, choice, wholeNumber } from '../../../../shared/base/check'
import { numberOrText } from '../../../../shared/base/decimal'
import { formatBytes, formatNumber } from '../../../../shared/base/format'
import { DATA_SETS } from '../../../../shared/data/data-sets'
import { valuesOf, type DataDescription, type DataPart } from '../../../../shared/data/description'
import { dataSetOf } from '../../../../shared/data/samples'
import { shapeText } from '../../../../shared/numerics/shape'
import { fetchDataSet } from '../../../data/fetch'
import { dataHash } from '../../../data/hash'
import { importSamples } from '../../../data/import'
import { openDataStore } from '../../../data/store'
import { dataFolder } from '../../../files/data-folder'
import { RuntimeError, progressPrinter } from '../../../runtime'
import { JSON_OPTION, type CliCommand, type CliGroup, type OptionTexts } from '../command'
import { Stopped, clearProgress } from '../job'
import { print, printDocument, table } from '../output'

const store = () => openDataStore(dataFolder())

const ORIGINS: Record<DataDescription['origin'], string> = {
  generated: 'generated',
  carried: 'carried',
  fetched: 'fetched',
  own: 'your own',
}

/** Every data set with whether its samples are here. */
function all(): (DataDescription & { here: boolean })[] {
  const kept = store().list()
  const known = DATA_SETS.map(({ make, ...one }) => {
    const own = kept.find(({ name }) => name === one.name)
    return { ...one, ...own, here: make !== null || own !== undefined }
  })
  return [...known, ...kept.flatMap((one) => (one.origin === 'own' ? [{ ...one, here: true }] : []))]
}

const list: CliCommand = {
  name: 'list',
  description: 'List the data sets: those that the program has or can get, and your own.',
  options: [JSON_OPTION],
  run({ json }) {
    const sets = all()
    if (json === true) return printDocument({ data: sets })
    const rows = sets.map(({ name, title, shape, classes, training, test, origin, here }) => [
      name,
      title,
      shapeText(shape),
      String(classes),
      `${training.toLocaleString('en')} + ${test.toLocaleString('en')}`,
      here ? ORIGINS[origin] : `get it: residual-lab data get ${name}`,
    ])
    print(
      table([['name', 'title', 'sample', 'classes', 'training + test', 'where from'], ...rows]).join('\n'),
    )
  },
}

/** Of one part, what its values and labels are. */
function figures({ x, y }: DataPart, classes: number) {
  const counts = new Array<number>(classes).fill(0)
  for (const label of y) counts[label]++
  let [low, high, sum] = [Infinity, -Infinity, 0]
  for (const value of x) {
    if (value < low) low = value
    if (value > high) high = value
    sum += value
  }
  const mean = sum / x.length
  let square = 0
  for (const value of x) square += (value - mean) ** 2
  return { samples: y.length, perClass: counts, low, high, mean, deviation: Math.sqrt(square / x.length) }
}

const show: CliCommand = {
  name: 'show <name>',
  description:
    'Show one: what a sample is, source and licence, classes and their balance, range, standardisation, hash.',
  options: [JSON_OPTION],
  run({ json }, name) {
    const known = all().find((one) => one.name === name)
    const described = known ?? { ...store().describe(name), here: true }
    const { here, ...description } = described
    if (!here) {
      if (json === true) return printDocument({ ...description, here })
      print([...headLines(description), `Its samples are not here: residual-lab data get ${name}`].join('\n'))
      return
    }
    const data = dataSetOf({ data: name, ownData: description })
    const sha256 = description.sha256 ?? dataHash(data)
    const [training, test] = [data.training, data.test].map((part) => figures(part, description.classes))
    const scale = data.scale && { mean: [...data.scale.mean], deviation: [...data.scale.deviation] }
    if (json === true) {
      const { training: _training, test: _test, ...rest } = description
      return printDocument({ ...rest, sha256, here, training, test, scale })
    }
    const names = description.classNames ?? training.perClass.map((_, i) => String(i))
    const balance = names.map((one, i) => [one, String(training.perClass[i]), String(test.perClass[i])])
    const bytes = [data.training, data.test].reduce((sum, { x, y }) => sum + x.byteLength + y.byteLength, 0)
    const range = ({ low, high, mean, deviation }: typeof training) =>
      `${formatNumber(low)} to ${formatNumber(high)}, mean ${formatNumber(mean)}, ` +
      `standard deviation ${formatNumber(deviation)}`
    print(
      [
        ...headLines(description),
        `training: ${range(training)}`,
        `test:     ${range(test)}`,
        `goes in:  ${scaleText(data.scale?.mean.length ?? 0)}`,
        `memory:   ${formatBytes(bytes)}`,
        `sha256:   ${sha256}`,
        '',
        ...table([['class', 'training', 'test'], ...balance]),
      ].join('\n'),
    )
  },
}

const headLines = (description: DataDescription): string[] => {
  const { title, definition, source, licence, shape, classes, training, test } = description
  return [
    `${title}: ${definition}`,
    `source:   ${source}`,
    `licence:  ${licence}`,
    `sample:   ${shapeText(shape)} (${valuesOf(description).toLocaleString('en')} values), ${classes} classes`,
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
    ['--target <COLUMN>', 'the column of labels of a CSV file, by name or number; the last one by default'],
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
    const { data, notes } = await importSamples(path, { name, ...importOptions(options) })
    store().keep(data)
    notes.forEach((note) => process.stderr.write(`${note}\n`))
    if (json === true) return printDocument({ ...data.description, notes })
    print([...headLines(data.description), `Learn it: residual-lab train --data ${name}`].join('\n'))
  },
}

const LARGEST_SIDE = 1024

function sizeOf(text: string) {
  const [, columns, rows] = (/^(\d+)\s*[x×]\s*(\d+)$/i.exec(text) ?? []).map(Number)
  const isSide = (side: number | undefined) => side !== undefined && side >= 1 && side <= LARGEST_SIDE
  if (isSide(columns) && isSide(rows)) return { rows, columns }
  throw new InputError(
    '--size',
    `"${text}" is no size`,
    `Give width and height, such as 32x32, each at most ${LARGEST_SIDE}.`,
  )
}

function importOptions(options: OptionTexts) {
  const text = (key: string) => (typeof options[key] === 'string' ? options[key] : undefined)
  const { testShare = '0.2', seed = '1' } = options
  const header = text('header')
  const separator = text('separator')
  if (separator !== undefined && separator !== '\\t' && [...separator].length !== 1)
    throw new InputError(
      '--separator',
      `"${separator}" is not one character`,
      'Give one, such as ";" or "\\t".',
    )
  return {
    ...(text('size') === undefined ? {} : { size: sizeOf(text('size')!) }),
    grey: options.grey === true,
    target: text('target'),
    labels: text('labels'),
    separator: separator === '\\t' ? '\t' : separator,
    header: header === undefined ? undefined : choice(header, '--header', ['on', 'off']) === 'on',
    testShare: finiteNumber(numberOrText(String(testShare)), '--test-share', {
      minimum: 0.01,
      maximum: 0.99,
    }),
    seed: wholeNumber(numberOrText(String(seed)), '--seed', { minimum: 0, maximum: 4_294_967_295 }),
  }
}

const get: CliCommand = {
  name: 'get <name>',
  description: 'Get MNIST, Fashion-MNIST or CIFAR-10 once, by the system’s package managers or from a file.',
  options: [['--from <PATH>', 'from a file or folder, without network'], JSON_OPTION],
  async run({ from, json }, name) {
    const stop = new AbortController()
    const onSignal = () => stop.abort()
    process.on('SIGINT', onSignal)
    try {
      const given = typeof from === 'string' ? { from } : {}
      const own = store()
      await fetchDataSet(name, own, {
        ...given,
        signal: stop.signal,
        onProgress: progressPrinter(process.stderr),
      })
      if (json === true) return printDocument(own.describe(name))
      print([...headLines(own.describe(name)), `Learn it: residual-lab train --data ${name}`].join('\n'))
    } catch (error) {
      clearProgress()
      if (stop.signal.aborted) throw new Stopped()
      throw error instanceof RuntimeError ? new Error(error.sentences) : error
    } finally {
      process.off('SIGINT', onSignal)
    }
  },
}

const remove: CliCommand = {
  name: 'remove <name>',
  description: 'Remove a data set of your own, or one that was fetched, from the disk.',
  options: [JSON_OPTION],
  run({ json }, name) {
    if (DATA_SETS.some((one) => one.name === name && one.make !== null))
      throw new InputError(
        'data remove',
        `"${name}" is part of the program`,
        'Only your own and fetched ones can go.',
      )
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
