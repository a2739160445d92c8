import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { DATA_SETS } from '../../shared/data/data-sets'
import {
  MOST_HELD_BYTES,
  hasPositions,
  valuesOf,
  type DataDescription,
  type DataSet,
} from '../../shared/data/description'
import { dataName } from '../../shared/data/names'
import { scaleOf } from '../../shared/data/scale'
import { splitSamples } from '../../shared/data/split'
import type { Attention } from './attention'
import { dataHash } from './hash'
import { openSamples, type FileOptions, type FileSamples } from './read-file'
import { collected, type SampleStream } from './sample-stream'
import { storeSamples } from './store-samples'

export interface ImportOptions extends FileOptions {
  name: string
  /** Share of the samples that is for the test, where the file does not set some apart. */
  testShare: number
  /** Of the split. */
  seed: number
}

const FEWEST_SAMPLES = 10

/** Where samples are stored that are not held in memory, and who attends to that. */
export interface ImportPlace extends Attention {
  /** Of the data sets (`DataStore.folder`). */
  folder: string
  /** Bytes of values above which they are stored; for tests. */
  mostHeld?: number
  bucketBytes?: number
}

/**
 * A file of the user's as a data set: split by the seed, standardised with mean and standard deviation of the training
 * part (images by channel, vectors value by value). What is larger than memory should hold lies in a file from the
 * start, to be kept or discarded (store-samples.ts).
 * @returns also what was done to it, one sentence each
 * @throws InputError; the abort's error
 */
export async function importSamples(
  file: string,
  options: ImportOptions,
  place?: ImportPlace,
): Promise<{ data: DataSet; notes: string[] }> {
  const name = dataName(options.name, '--name')
  if (DATA_SETS.some((one) => one.name === name))
    throw new InputError('--name', `the program has a data set "${name}" of its own`, 'Give another name.')
  const attention = place ?? {}
  const found = await openSamples(file, options, attention)
  const source = path.basename(path.resolve(file))
  const own = (samples: number, classNames: string[], test: number | null) => ({
    name,
    title: name,
    definition:
      `${samples.toLocaleString('en')} samples in ${classNames.length} classes, out of ${source}.`.slice(
        0,
        500,
      ),
    source: source.slice(0, 500),
    licence: 'the user’s own',
    origin: 'own' as const,
    shape: found.shape,
    classes: classNames.length,
    classNames: classNames.map((one) => one.slice(0, 100)),
    ...(test === null ? { splitSeed: options.seed } : {}),
  })
  const { notes } = found
  if ('pieces' in found && place && storedBytes(found) > (place.mostHeld ?? MOST_HELD_BYTES)) {
    const { folder, bucketBytes } = place
    const { seed } = options
    const test = testSamples(found.samples, options.testShare)
    const how = { folder, bucketBytes, test, seed, period: scalePeriod(found) }
    const { sha256, classNames, ...parts } = await storeSamples(found, how, attention)
    const counts = { training: parts.training.y.length, test, sha256 }
    return { data: { description: { ...own(found.samples, classNames, null), ...counts }, ...parts }, notes }
  }
  const held = 'pieces' in found ? { ...(await collected(found, attention)), test: null, notes: [] } : found
  const parts = partsOf(held, options)
  return { data: dataSet(own(held.y.length, held.classNames, held.test), parts), notes }
}

type Parts = Pick<DataSet, 'training' | 'test'>

const storedBytes = ({ samples, isBytes, shape }: SampleStream) =>
  samples * valuesOf({ shape }) * (isBytes ? 1 : 4)

/** How many values are standardised each by itself: channels where samples have positions, else all of a sample. */
const scalePeriod = (own: Pick<DataDescription, 'shape'>) =>
  hasPositions(own) ? own.shape.units : valuesOf(own)

/** Parts with their scale and hash. */
export function dataSet(own: Omit<DataDescription, 'training' | 'test' | 'sha256'>, parts: Parts): DataSet {
  const { training, test } = parts
  const scale = scaleOf(training, scalePeriod(own))
  const description = { ...own, training: training.y.length, test: test.y.length, sha256: dataHash(parts) }
  return { description, ...parts, scale }
}

/** How many of the samples are for the test. @throws InputError where there are too few */
function testSamples(samples: number, share: number): number {
  if (samples < FEWEST_SAMPLES) {
    const hint = `Give at least ${FEWEST_SAMPLES}, to train on and to test.`
    throw new InputError('PATH', `there are ${samples} samples`, hint)
  }
  return Math.min(samples - 1, Math.max(1, Math.round(share * samples)))
}

/** As the file sets them apart, or by the seed. */
export function partsOf(
  { x, y, test }: FileSamples,
  { testShare, seed }: Pick<ImportOptions, 'testShare' | 'seed'>,
): Parts {
  const drawn = testSamples(y.length, testShare)
  if (test === null) return splitSamples(x, y, drawn, seed)
  const cut = y.length - test
  const length = x.length / y.length
  return {
    training: { x: x.subarray(0, cut * length), y: y.subarray(0, cut) },
    test: { x: x.subarray(cut * length), y: y.subarray(cut) },
  }
}
