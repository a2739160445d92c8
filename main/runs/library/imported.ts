import * as fs from 'node:fs'
import * as path from 'node:path'
import { isTooDeep } from '../../../shared/base/document'
import { InputError, messageOf } from '../../../shared/base/errors'
import { DEEPEST } from '../../../shared/base/json'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { decodeMessage, encodeMessage } from '../../../shared/protocol/transport'
import { curvesCsv, curvesOf } from '../../../shared/runs/curves'
import { parseEnvironment } from '../../../shared/runs/environment'
import type { RunEntry } from '../../../shared/runs/run'
import { networksOf, summaryOf } from '../../../shared/runs/summary'
import { readTextFile } from '../../files/read'
import { CHECKPOINT_FILE } from '../../trainer/engine/checkpoint/checkpoint'
import { openSafetensors } from '../../trainer/engine/checkpoint/safetensors'
import {
  CELLS_FILE,
  CURVES_FILE,
  ENVIRONMENT_FILE,
  EXPERIMENT_FILE,
  parseStored,
  RESULT_FILE,
  RUN_FILE,
} from './stored'

const LARGEST = 256 * 2 ** 20

/** A run from elsewhere, as far as it was believed. */
interface Unpacked {
  entry: RunEntry
  request: Record<string, unknown>
  /** Documents that were read, to be written over what was unpacked. */
  files: Record<string, string>
}

/**
 * Reads what was unpacked of an archive: every document is checked, and what can be made from others is made anew, so
 * that titles, figures and curves are those of the result.
 * @throws InputError with the document and what is wrong in it
 */
export function checkUnpacked(folder: string, where: string): Unpacked {
  const { entry, request } = checked(RUN_FILE, (text) => parseStored(text, null))
  const experiment = checked(EXPERIMENT_FILE, (text) => parseExperiment(JSON.parse(text), EXPERIMENT_FILE))
  const answer = optional(RESULT_FILE) as { started?: unknown; result?: unknown } | null
  const { started = null, result = null } = answer ?? {}
  const environment = optional(ENVIRONMENT_FILE, (value) => parseEnvironment(value, ENVIRONMENT_FILE))
  const cells = optional(CELLS_FILE)
  checkCheckpoint()
  const { kind } = entry
  const curves = curvesOf(kind, result, networksOf(kind, experiment))
  const state = entry.state === 'running' ? 'interrupted' : entry.state
  return {
    entry: { ...entry, ...summaryOf({ kind, experiment, result }), state, pinned: false, removed: null },
    request,
    files: {
      [EXPERIMENT_FILE]: `${JSON.stringify(experiment, null, 2)}\n`,
      [CURVES_FILE]: curvesCsv(curves),
      ...(answer === null ? {} : { [RESULT_FILE]: `${encodeMessage({ started, result })}\n` }),
      ...(environment === null ? {} : { [ENVIRONMENT_FILE]: `${JSON.stringify(environment, null, 2)}\n` }),
      ...(cells === null ? {} : { [CELLS_FILE]: `${encodeMessage(cells)}\n` }),
    },
  }

  /** @throws InputError */
  function checked<T>(name: string, read: (text: string) => T): T {
    try {
      return read(readTextFile(path.join(folder, name), LARGEST))
    } catch (error) {
      const why = error instanceof InputError ? `${error.where}: ${error.what}` : messageOf(error)
      throw new InputError(where, `its ${name} is damaged (${why})`, 'Export the run again.')
    }
  }

  /** A JSON object that need not be there. */
  function optional(name: string, check = (value: object): object => value): object | null {
    if (!fs.existsSync(path.join(folder, name))) return null
    return checked(name, (text) => {
      const value = decodeMessage(text)
      if (typeof value !== 'object' || value === null) throw new Error('it is no object')
      if (isTooDeep(value, DEEPEST)) throw new Error('it is nested too deep, or holds too much')
      return check(value)
    })
  }

  function checkCheckpoint() {
    const file = path.join(folder, CHECKPOINT_FILE)
    if (!fs.existsSync(file)) return
    try {
      openSafetensors(file).close()
    } catch (error) {
      throw new InputError(
        where,
        `its ${CHECKPOINT_FILE} is damaged (${messageOf(error)})`,
        'Export the run again.',
      )
    }
  }
}
