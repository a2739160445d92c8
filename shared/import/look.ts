import type { MatchTable } from './table'

/** What a file's weights are in the lab, before they become a run. */
export interface ImportLook {
  /** Of the file, without its folder. */
  file: string
  /** "Keras". */
  form: string
  /** "Type 2 + batch norm". */
  network: string
  replicas: number
  /** Null: somebody else's file. */
  from: { id: string; name: string; kind: string; device: string; steps: number | null } | null
  table: MatchTable
  /** The largest difference from the export's proven outputs, as a share of the largest; null: not tried. */
  difference: number | null
  /** Why it cannot be imported; null: it can. */
  problem: string | null
}
