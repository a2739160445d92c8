import type { SeriesGraph } from '../network/series'
import type { Lesion } from './lesion'

/** Networks with changed blocks, held against themselves. */
export interface LesionSeries extends SeriesGraph {
  /** One for each lesion, in their order; fewer where the job was stopped. */
  outcomes: LesionOutcome[]
  /** Of the networks before any lesion, if they were trained. */
  intact: Classified | null
}

/** Over replicas, on the evaluated test samples. */
export interface Classified {
  loss: LesionSpread
  accuracy: LesionSpread
}

/** Over replicas. */
export interface LesionSpread {
  mean: number
  low: number
  high: number
}

/** What one lesion does to the networks (Veit et al. 2016, section 4). */
export interface LesionOutcome {
  /**
   * Between the h_L (of trained networks the logits) of the intact and the changed network, per sample, averaged over
   * the batch; then over replicas.
   */
  cosine: LesionSpread
  /** Absent at initialisation. */
  classified?: Classified
}

/** The outcomes of a set of lesions, for every series. */
export interface LesionResult {
  finished: boolean
  lesions: Lesion[]
  /** How many of them, from the first on, change one block each in turn. */
  each: number
  series: LesionSeries[]
}
