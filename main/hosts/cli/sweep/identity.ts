import { createHash } from 'node:crypto'
import { canonicalText } from '../../../../shared/sweep/canonical'
import type { SweptSetting } from '../../../../shared/sweep/points'
import type { Asked } from '../run-command'

/** A point by everything that its result depends on, in 16 hexadecimal digits. */
export const pointKey = (command: string, { experiment, beside }: Asked): string =>
  digest({ command, experiment, beside }).slice(0, 16)

/**
 * A sweep by what is swept and by everything else that its results depend on: all its shards, on all machines, have
 * this id.
 * @param first what is asked for at the first point
 */
export function sweepId(
  command: string,
  { experiment, beside }: Asked,
  swept: readonly SweptSetting[],
): string {
  const keys = swept.map(({ key }) => key)
  const base = Object.entries(experiment).filter(([key]) => !(keys as string[]).includes(key))
  return `sweep-${digest({ command, base: Object.fromEntries(base), beside, swept }).slice(0, 12)}`
}

const digest = (document: object) => createHash('sha256').update(canonicalText(document)).digest('hex')
