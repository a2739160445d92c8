import type { SeriesGraph } from '../network/series'
import type { Lesion } from './lesion'

/** Networks with changed blocks, held against themselves. */
export interface LesionSeries extends SeriesGraph {
  /** One for each lesion, in their order; fewer where the job was stopped. */
  outcomes: LesionOutcome[]
  /** Of the networks before any lesion, if they were trained. */
  intact: Classified | null
  /**
   * The cosine that `LesionOutcome` has, here between those of the intact network for two different samples, averaged
   * over all pairs of the batch: what lesions' cosines are to be held against. Absent in older runs.
   */
  between?: LesionSpread
}

/** Over replicas. */
export interface Worth {
  loss: LesionSpread
  /** Share of right answers; of real targets R². */
  accuracy: LesionSpread
}

/** On the evaluated test samples. */
export interface Classified extends Worth {
  /** On the evaluated training samples; absent in older runs. */
  training?: Worth
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
