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

/** A form in which numbers of runs leave the lab. */
export interface MetricsFormat {
  name: string
  title: string
  /** Whether PATH is a folder or one file. */
  is: 'folder' | 'file'
  extension: string
  /** What reads it, and how. */
  reader: string
  /** Files by their path in the folder, or one by the empty path; the bytes of one run are always the same. */
  files(source: MetricsSource): Iterable<readonly [file: string, parts: Iterable<Uint8Array>]>
}
