import type { Experiment } from '../../../../shared/settings/experiment'
import type { CheckpointEvent } from '../../../../shared/protocol/protocol'
import type { RunFolder } from '../run-folder'
import type { TrainableSeries } from '../trainable-series'
import { CHECKPOINT_FILE, checkpointMetadata, checkpointOf, orRefused, type OpenedCheckpoint } from './format'
import { CheckpointKeeper } from './keeper'
import { laterPartsOf, readSafetensors } from './safetensors-format'
import { parseTrainingState, type TrainingState } from './training-state'

/** The arrays of a series in the file. */
const prefixOf = (series: number) => `series.${series + 1}.`

/**
 * Gives new networks the numbers of the checkpoint; null: it is not to go on, or was interrupted before its first
 * checkpoint, and begins anew.
 * @throws InputError where the file is damaged or another training's
 */
export async function resumeTraining(
  place: RunFolder | null,
  experiment: Experiment,
  networks: readonly TrainableSeries[],
): Promise<TrainingState | null> {
  return readTraining(place, experiment, networks.length, (training, arrays) =>
    networks.forEach((network, i) => network.restore(training.series[i], arrays, prefixOf(i))),
  )
}

/**
 * What a training knew at its checkpoint, its arrays aside; null: there is none.
 * @param series how many it has
 * @throws InputError where the file is damaged or another training's
 */
export const keptTraining = (
  place: RunFolder,
  experiment: Experiment,
  series: number,
): Promise<TrainingState | null> => readTraining(place, experiment, series, () => {})

async function readTraining(
  place: RunFolder | null,
  experiment: Experiment,
  series: number,
  take: (training: TrainingState, arrays: OpenedCheckpoint['arrays']) => void,
): Promise<TrainingState | null> {
  if (!place?.resume) return null
  const file = await place.open(CHECKPOINT_FILE)
  if (!file) return null
  const { state, arrays } = checkpointOf(() => readSafetensors(file), experiment)
  try {
    return orRefused(() => {
      const training = parseTrainingState(state, series)
      take(training, arrays)
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
  place: RunFolder | null,
  experiment: Experiment,
  networks: readonly TrainableSeries[],
  emit: (event: CheckpointEvent) => void,
): CheckpointKeeper<TrainingState> | null {
  if (!place || place.isReadOnly) return null
  return new CheckpointKeeper((state) => {
    const arrays = networks.flatMap((network, i) => network.arrays(prefixOf(i)))
    return place.write(CHECKPOINT_FILE, laterPartsOf(checkpointMetadata(experiment, state), arrays))
  }, emit)
}
