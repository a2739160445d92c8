import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import type { JobBody, JobType } from '../../shared/protocol/jobs'

const SMALL = { version: 1, blocks: 6, width: 16, replicas: 4, batch: 32, trainReplicas: 2 }
const DENSE = { ...SMALL, block: ['relu-linear', 'practical'], remedies: ['none', 'rsqrt2', 'batch-norm'] }
/** The steps of training are recorded for each network as a whole. */
const TRAINED = { ...SMALL, blocks: 2, block: ['practical'], remedies: ['none', 'batch-norm'], compare: [] }
const GRID = {
  ...{ ...SMALL, blocks: 2, width: 4, replicas: 2, batch: 8 },
  ...{ input: 'images', stem: 'linear', block: [convolutional(presetNamed('full-preactivation'), 2)] },
}

/** Small jobs of every kind: the compiler asks for those of a new one. */
export const SMALL_JOBS: { [T in JobType]: JobBody<T>[] } = {
  signal: [
    { type: 'signal', experiment: DENSE },
    { type: 'signal', experiment: GRID },
  ],
  shatter: [
    { type: 'shatter', experiment: DENSE, settings: { points: 64 } },
    { type: 'shatter', experiment: { ...SMALL, blocks: 3 }, settings: { points: 32, references: 'on' } },
  ],
  lesion: [
    { type: 'lesion', experiment: DENSE, lesion: { each: 'delete', random: 2 } },
    { type: 'lesion', experiment: { ...TRAINED, steps: 3 }, lesion: { each: 'exchange' }, training: true },
    { type: 'lesion', experiment: GRID, lesion: { duplicate: [1] } },
  ],
  train: [
    { type: 'train', experiment: { ...TRAINED, steps: 5 }, weights: true },
    { type: 'train', experiment: { ...SMALL, blocks: 3, steps: 20 } },
  ],
  depth: [{ type: 'depth', experiment: { ...TRAINED, steps: 5, depth: { depths: [1, 2], skip: 'both' } } }],
}

export const ALL_SMALL_JOBS: JobBody[] = Object.values(SMALL_JOBS).flat()

/** Runs until it is stopped. */
export const LONG_JOB: JobBody<'train'> = {
  type: 'train',
  experiment: { ...SMALL, blocks: 20, width: 64, steps: 10_000 },
}
