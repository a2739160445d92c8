import type { Lab } from './lab.svelte'
import { SweepRun } from './sweep-run.svelte'
import { experimentOf, keptSweep } from '../../shared/runs/shown-sweep'

/**
 * Shows a sweep of the library. One whose points are all there comes back as the experiment's own, so that more can be
 * swept; of another, what there is is shown.
 */
export async function openSweep(lab: Lab, id: string): Promise<void> {
  await lab.announcements.attempt(async () => {
    const kept = keptSweep(lab.runs.kept, id)
    const run = kept?.points[0].run
    if (!kept || !run) throw new Error('The library holds no finished point of this sweep.')
    const { experiment } = await lab.runs.open(run.id)
    const document = experimentOf(kept, experiment)
    if (document) lab.experiment.open(document, run.name)
    lab.stateOf(SweepRun).kept = document ? null : id
    lab.show('sweep')
  })
}
