import type { Appearance } from '../charts/appearance'
import type { RunDocument } from '../runs/run'
import type { Fact, Figure } from './figure'

/** What all figures of a run are made of: its document, its networks' names and looks, and where it comes from. */
export interface RunParts {
  run: RunDocument
  /** By the series' number. */
  names: readonly string[]
  looks: readonly Appearance[]
  facts: readonly Fact[]
}

/** What every figure of the run has. */
export const belongingOf = ({ run, facts }: RunParts): Pick<Figure, 'facts' | 'made' | 'version'> => ({
  ...{ facts, made: run.entry.created, version: run.entry.version },
})
