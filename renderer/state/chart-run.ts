import type { Keeping } from './keeping'
import type { Lab } from './lab.svelte'
import { runCaption } from './run-words'

/**
 * The run that a chart shows, as its card says it; null while there is none. Where it is two, the newer is the one to
 * find. What was removed since is named no more: the picture is still true, but there is nothing to find.
 */
export function chartRun(lab: Lab, ...keepings: readonly Keeping[]) {
  const entries = keepings.flatMap(({ run }) => lab.runs.find(run) ?? [])
  const problem = keepings.find((one) => one.problem !== null)?.problem ?? null
  const last = entries[entries.length - 1]
  if (!last && !problem) return null
  const others = entries.slice(0, -1).map(({ name }) => `${name} and `)
  return {
    caption: last ? `${others.join('')}${runCaption(last)}` : null,
    problem,
    onshow: () => last && lab.showRun(last.id),
  }
}
