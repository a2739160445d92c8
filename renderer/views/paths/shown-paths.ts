import type { PathSettings } from '../../../shared/settings/paths'
import type { OverlaidCurve } from '../../state/overlays.svelte'
import type { PathsResult } from '../../state/paths-state.svelte'

/** What a page of the view draws: the settings, and what was measured for them. */
export interface ShownPaths {
  readonly settings: PathSettings
  readonly blocks: number
  /** Null while there is none for so many blocks. */
  readonly result: PathsResult | null
  /** Shares of the energy by path length that pinned runs have. */
  readonly pinned: readonly OverlaidCurve[]
  /** What is said in place of a result. */
  readonly missing: { readonly text: string }
}
