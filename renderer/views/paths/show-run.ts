import { seriesOf } from '../../../shared/network/series'
import type { RunDocument } from '../../../shared/runs/run'
import type { Lab } from '../../state/lab.svelte'
import { PathsState } from '../../state/paths-state.svelte'
import { seriesId } from '../../state/view-settings.svelte'

/** Paths of the library, of the series that they are of. */
export function showPaths(lab: Lab, document: RunDocument): void {
  const paths = lab.stateOf(PathsState)
  paths.show(document)
  const [one] = paths.result ? seriesOf(paths.result.request.experiment) : []
  if (one) lab.view.series = seriesId({ block: one.block.name, remedy: one.remedy })
}
