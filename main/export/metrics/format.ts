import type { MetricsForm } from '../../../shared/runs/metrics-forms'
import type { MetricsTable } from '../../../shared/runs/metrics-table'
import type { RunDocument } from '../../../shared/runs/run'

/** All that a file of metrics is made of. */
export interface MetricsSource {
  document: RunDocument
  table: MetricsTable
  /** What the networks learned, array by array; empty where the run keeps no networks. */
  parameters: readonly LearnedArray[]
}

/** One array of the parameters of a series' networks. */
export interface LearnedArray {
  /** From 1. */
  series: number
  /** "block.3.linear.weight". */
  name: string
  /** Of all networks, one after the other. */
  values(): Float32Array
}

/** How a form is written. */
export interface MetricsFormat extends MetricsForm {
  /** Files by their path in the folder, or one by the empty path; the bytes of one run are always the same. */
  files(source: MetricsSource): Iterable<readonly [file: string, parts: Iterable<Uint8Array>]>
}
