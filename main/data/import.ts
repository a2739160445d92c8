import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { DATA_SETS } from '../../shared/data/data-sets'
import {
  MOST_HELD_BYTES,
  hasPositions,
  valuesOf,
  type DataDescription,
  type DataPart,
  type DataSet,
  type Target,
} from '../../shared/data/description'
import type { OwnLabels } from '../../shared/data/readers/labelled'
import { dataName } from '../../shared/data/names'
import { scaleOf } from '../../shared/data/scale'
import { splitSamples } from '../../shared/data/split'
import type { Attention } from './attention'
import { dataHash } from './hash'
import { openSamples, type FileOptions, type FileSamples } from './read-file'
import { collected, type SampleStream } from './sample-stream'
import { discardSamples, storeSamples } from './store-samples'

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
  if (options.task === 'regression' && !found.targets)
    throw new InputError('--task', `the samples of ${source} have classes`, 'Leave it out.')
  const own = (samples: number, labels: Omit<OwnLabels, 'y'>, test: number | null) => ({
    name,
    title: name,
    definition: `${samples.toLocaleString('en')} samples ${labelsText(labels)}, out of ${source}.`.slice(
      0,
      500,
    ),
    source: source.slice(0, 500),
    licence: 'the user’s own',
    origin: 'own' as const,
    shape: found.shape,
    classes: labels.classNames.length,
    ...(labels.targets
      ? { targets: labels.targets.map((one) => ({ ...one, name: one.name.slice(0, 100) })) }
      : { classNames: labels.classNames.map((one) => one.slice(0, 100)) }),
    ...(test === null ? { splitSeed: options.seed } : {}),
  })
  const { notes } = found
  if ('pieces' in found && place && storedBytes(found) > (place.mostHeld ?? MOST_HELD_BYTES)) {
    const { folder, bucketBytes } = place
    const { seed } = options
    const test = testSamples(found.samples, options.testShare)
    const how = { folder, bucketBytes, test, seed, period: scalePeriod(found) }
    const { sha256, classNames, targets, ...parts } = await storeSamples(found, how, attention)
    const counts = { training: found.samples - test, test, sha256 }
    const description: DataDescription = { ...own(found.samples, { classNames, targets }, null), ...counts }
    try {
      checkTargets(description, parts)
    } catch (error) {
      discardSamples(parts)
      throw error
    }
    return { data: { description, ...parts }, notes }
  }
  const held = 'pieces' in found ? { ...(await collected(found, attention)), test: null, notes: [] } : found
  const parts = partsOf(held, options)
  return { data: dataSet(own(held.x.length / valuesOf(held), held, held.test), parts), notes }
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
  checkTargets(own, parts)
  const values = valuesOf(own)
  const counts = { training: training.x.length / values, test: test.x.length / values }
  return { description: { ...own, ...counts, sha256: dataHash(parts) }, ...parts, scale }
}

/** @throws InputError where a target has no variance, which errors are shares of */
function checkTargets({ targets = [] }: Pick<DataDescription, 'targets'>, parts: Parts): void {
  const isConstant = ({ y }: DataPart, i: number) =>
    y.every((value: number, at: number) => at % targets.length !== i || value === y[i])
  targets.forEach(({ name }, i) => {
    for (const part of ['training', 'test'] as const) {
      if (!isConstant(parts[part], i)) continue
      throw new InputError(
        '--target',
        `"${name}" is ${parts[part].y[i]} in every ${part} sample: there is no variance to explain`,
        'Choose another target, or another seed of the split.',
      )
    }
  })
}

function labelsText({ classNames, targets }: { classNames: string[]; targets?: Target[] }): string {
  if (!targets) return `in ${classNames.length} classes`
  return targets.length === 1 ? `with the target ${targets[0].name}` : `with ${targets.length} targets`
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
  { shape, x, y, test }: FileSamples,
  { testShare, seed }: Pick<ImportOptions, 'testShare' | 'seed'>,
): Parts {
  const length = valuesOf({ shape })
  const count = x.length / length
  const drawn = testSamples(count, testShare)
  if (test === null) return splitSamples(x, y, drawn, seed, count)
  const cut = count - test
  const each = y.length / count
  return {
    training: { x: x.subarray(0, cut * length), y: y.subarray(0, cut * each) },
    test: { x: x.subarray(cut * length), y: y.subarray(cut * each) },
  }
}
