import type { Experiment } from '../../../../shared/settings/experiment'
import { checkpointMetadata, checkpointOf, type OpenedCheckpoint } from './format'
import { openSafetensors, writeSafetensors, type ArraySource } from './safetensors'

export { CHECKPOINT_FILE, orRefused, trainingKey, type OpenedCheckpoint } from './format'

/**
 * Writes all that a training needs to go on bit for bit, whole or not at all.
 * @param state JSON, with numbers that need not be finite
 * @throws Error of the system, such as ENOSPC: the file that was there is there still
 */
export function writeCheckpoint(
  file: string,
  experiment: Experiment,
  state: unknown,
  arrays: readonly ArraySource[],
): void {
  writeSafetensors(file, checkpointMetadata(experiment, state), arrays)
}

/** Opens a training's checkpoint; close its arrays. @throws InputError where it is damaged or another training's */
export const openCheckpoint = (file: string, experiment: Experiment): OpenedCheckpoint =>
  checkpointOf(() => openSafetensors(file), experiment)
