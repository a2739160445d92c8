import { existsSync } from 'node:fs'
import * as path from 'node:path'
import type { Experiment } from '../../../../shared/settings/experiment'
import type { CheckpointEvent, Place } from '../../../../shared/protocol/protocol'
import { removeLeftovers } from '../../../files/write-now'
import type { TrainableSeries } from '../trainable-series'
import { CHECKPOINT_FILE, openCheckpoint, orRefused, writeCheckpoint } from './checkpoint'
import { CheckpointKeeper } from './keeper'
import { parseTrainingState, type TrainingState } from './training-state'

/** The arrays of a series in the file. */
const prefixOf = (series: number) => `series.${series + 1}.`

/**
 * Gives new networks the numbers of the checkpoint; null: it is not to go on, or was interrupted before its first
 * checkpoint, and begins anew.
 * @throws InputError where the file is damaged or another training's
 */
export function resumeTraining(
  place: Place | null,
  experiment: Experiment,
  networks: readonly TrainableSeries[],
): TrainingState | null {
  if (!place?.resume) return null
  const file = path.join(place.folder, CHECKPOINT_FILE)
  if (!existsSync(file)) return null
  removeLeftovers(file)
  const { state, arrays } = openCheckpoint(file, experiment)
  try {
    return orRefused(() => {
      const training = parseTrainingState(state, networks.length)
      networks.forEach((network, i) => network.restore(training.series[i], arrays, prefixOf(i)))
      return training
    })
  } finally {
    arrays.close()
  }
}

/**
 * Writes the checkpoints of a training as they fall due; without a place, none.
 * @param state what it knows, when it is asked
 */
export function keepTraining(
  place: Place | null,
  experiment: Experiment,
  networks: readonly TrainableSeries[],
  emit: (event: CheckpointEvent) => void,
): CheckpointKeeper<TrainingState> | null {
  if (!place || place.isReadOnly) return null
  const file = path.join(place.folder, CHECKPOINT_FILE)
  return new CheckpointKeeper((state) => {
    const arrays = networks.flatMap((network, i) => network.arrays(prefixOf(i)))
    writeCheckpoint(file, experiment, state, arrays)
  }, emit)
}
