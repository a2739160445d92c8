import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { DATA_SETS } from '../../shared/data/data-sets'
import { hasPositions, type DataDescription, type DataSet } from '../../shared/data/description'
import { dataName } from '../../shared/data/names'
import { scaleOf } from '../../shared/data/scale'
import { splitSamples } from '../../shared/data/split'
import { dataHash } from './hash'
import { readSamples, type FileOptions, type FileSamples } from './read-file'

export interface ImportOptions extends FileOptions {
  name: string
  /** Share of the samples that is for the test, where the file does not set some apart. */
  testShare: number
  /** Of the split. */
  seed: number
}

const FEWEST_SAMPLES = 10

/**
 * A file of the user's as a data set: split by the seed, standardised with mean and standard deviation of the training
 * part (images by channel, vectors value by value).
 * @returns also what was done to it, one sentence each
 * @throws InputError
 */
export async function importSamples(
  file: string,
  options: ImportOptions,
): Promise<{ data: DataSet; notes: string[] }> {
  const name = dataName(options.name, '--name')
  if (DATA_SETS.some((one) => one.name === name))
    throw new InputError('--name', `the program has a data set "${name}" of its own`, 'Give another name.')
  const found = await readSamples(file, options)
  const source = path.basename(path.resolve(file))
  const { shape, classNames, notes } = found
  const parts = partsOf(found, options)
  const data = dataSet(
    {
      name,
      title: name,
      definition:
        `${found.y.length.toLocaleString('en')} samples in ${classNames.length} classes, out of ${source}.`.slice(
          0,
          500,
        ),
      source: source.slice(0, 500),
      licence: 'the user’s own',
      origin: 'own',
      shape,
      classes: classNames.length,
      classNames: classNames.map((one) => one.slice(0, 100)),
      ...(found.test === null ? { splitSeed: options.seed } : {}),
    },
    parts,
  )
  return { data, notes }
}

type Parts = Pick<DataSet, 'training' | 'test'>

/** Parts with their scale and hash. */
export function dataSet(own: Omit<DataDescription, 'training' | 'test' | 'sha256'>, parts: Parts): DataSet {
  const { training, test } = parts
  const values = training.x.length / training.y.length
  const scale = scaleOf(training, hasPositions(own) ? own.shape.units : values)
  const description = { ...own, training: training.y.length, test: test.y.length, sha256: dataHash(parts) }
  return { description, ...parts, scale }
}

/** As the file sets them apart, or by the seed. */
export function partsOf(
  { x, y, test }: FileSamples,
  { testShare, seed }: Pick<ImportOptions, 'testShare' | 'seed'>,
): Parts {
  if (y.length < FEWEST_SAMPLES) {
    const what = `there are ${y.length} samples`
    throw new InputError('PATH', what, `Give at least ${FEWEST_SAMPLES}, to train on and to test.`)
  }
  if (test === null)
    return splitSamples(x, y, Math.min(y.length - 1, Math.max(1, Math.round(testShare * y.length))), seed)
  const cut = y.length - test
  const length = x.length / y.length
  return {
    training: { x: x.subarray(0, cut * length), y: y.subarray(0, cut) },
    test: { x: x.subarray(cut * length), y: y.subarray(cut) },
  }
}
