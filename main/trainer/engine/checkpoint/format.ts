import { changedRemedies, remedyRevisions } from '../../../../shared/block/remedies'
import { InputError } from '../../../../shared/base/errors'
import { joinWords } from '../../../../shared/base/format'
import { decodeMessage, encodeMessage } from '../../../../shared/protocol/transport'
import { SETTINGS } from '../../../../shared/settings/table'
import { remediesOf, type Experiment } from '../../../../shared/settings/experiment'
import type { SafetensorsFile } from './safetensors-format'

/** The file in a training's folder. */
export const CHECKPOINT_FILE = 'checkpoint.safetensors'

const FORMAT = 'residual-lab training'
/** Of what is in the file: one that a later version wrote is not read. */
const VERSION = 1

/** A checkpoint that was read as far as its header: what the training was, and its arrays by name. */
export interface OpenedCheckpoint {
  /** What the training knew beside its arrays; still to be checked. */
  state: unknown
  arrays: Omit<SafetensorsFile, 'metadata'>
}

/**
 * What a training's numbers depend on, as one text: a checkpoint belongs to trainings of this text alone. What views
 * remember of their own is not in it.
 */
export function trainingKey(experiment: Experiment): string {
  const own = SETTINGS.map(({ key }) => [key, experiment[key]])
  return JSON.stringify([...own, ['network', experiment.network ?? null]])
}

/** Whether a key is this training's, also one of a version that lacked some settings: what it did is their default. */
function isTrainingOf(key: string, experiment: Experiment): boolean {
  const entries: unknown = JSON.parse(key)
  if (!Array.isArray(entries) || !entries.every(Array.isArray)) return false
  const usual = SETTINGS.map((one) => [one.key, one.default])
  const whole = new Map([...usual, ['network', null], ...entries] as [string, unknown][])
  return JSON.stringify([...whole]) === trainingKey(experiment)
}

/** What a file says of the training that wrote it. @param state JSON, with numbers that need not be finite */
export const checkpointMetadata = (experiment: Experiment, state: unknown): Map<string, string> =>
  new Map([
    ['format', FORMAT],
    ['version', String(VERSION)],
    ['experiment', trainingKey(experiment)],
    ['remedies', JSON.stringify(remedyRevisions(remediesOf(experiment)))],
    ['state', encodeMessage(state)],
  ])

/** A training's checkpoint, of a file that this closes where it is none. @throws InputError see `openCheckpoint` */
export function checkpointOf(open: () => SafetensorsFile, experiment: Experiment): OpenedCheckpoint {
  const opened = orRefused(open)
  try {
    const state = orRefused(() => {
      const { metadata } = opened
      if (metadata.get('format') !== FORMAT) throw new Error('it is no training of this program')
      if (metadata.get('version') !== String(VERSION)) throw new Error('another version wrote it')
      if (!isTrainingOf(metadata.get('experiment') ?? '', experiment))
        throw new Error('its experiment is another')
      const then = JSON.parse(metadata.get('remedies') ?? '{}') as Record<string, number>
      const changed = changedRemedies(remediesOf(experiment), then)
      if (changed.length) throw new Error(`what ${joinWords(changed)} does has changed since it was written`)
      return decodeMessage(metadata.get('state') ?? '')
    })
    return { state, arrays: opened }
  } catch (error) {
    opened.close()
    throw error
  }
}

/** What `read` gives. @throws InputError where it throws anything: the clause about the file, and what to do */
export function orRefused<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof InputError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'ENOENT' ? 'there is none' : message
    const hint = 'Train anew: the run still has its experiment.'
    throw new InputError('checkpoint', `training cannot go on from it: ${why}`, hint)
  }
}
