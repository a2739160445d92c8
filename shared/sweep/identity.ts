import { sha256 } from '@noble/hashes/sha2'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils'
import type { Experiment } from '../settings/experiment'
import { askedExperiment } from './asked'
import { canonicalText } from './canonical'
import type { SweptSetting } from './points'

/** What is done at a point of a sweep. */
export interface AskedPoint {
  /** As the command runs it. */
  experiment: Experiment
  /** All else that the result depends on. */
  beside: object
}

/** A point by everything that its result depends on, in 16 hexadecimal digits. */
export const pointKey = (command: string, { experiment, beside }: AskedPoint): string =>
  digest({ command, experiment: askedExperiment(command, experiment), beside }).slice(0, 16)

/**
 * A sweep by what is swept and by everything else that its results depend on: all its shards, on all machines, have
 * this id, and the screen's sweep the one of its command line.
 * @param first what is asked for at the first point
 */
export function sweepId(
  command: string,
  { experiment, beside }: AskedPoint,
  swept: readonly SweptSetting[],
): string {
  const keys: readonly string[] = swept.map(({ key }) => key)
  const asked = Object.entries(askedExperiment(command, experiment))
  const base = Object.fromEntries(asked.filter(([key]) => !keys.includes(key)))
  return `sweep-${digest({ command, base, beside, swept }).slice(0, 12)}`
}

const digest = (document: object) => bytesToHex(sha256(utf8ToBytes(canonicalText(document))))
