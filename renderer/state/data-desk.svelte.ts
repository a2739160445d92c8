import type { PartName } from '../../shared/data/slice'
import type { Connection } from '../base/connection'
import { DataImport } from './data-import.svelte'

export type DataPage = 'samples' | 'labels' | 'ranges'

/** How the Data view is looked at: it stays while other views are shown. */
export class DataDesk {
  page = $state<DataPage>('samples')
  /** Name of the data set that is shown; null: the experiment's. */
  selected = $state<string | null>(null)
  part = $state<PartName>('training')
  /** Only samples of this class; null: of all. */
  label = $state<number | null>(null)
  /** The first sample that is shown, of those that are asked for. */
  from = $state(0)
  /** Where the sample stands in its part whose numbers are shown. */
  sample = $state<number | null>(null)
  isStandardised = $state(false)
  /** Training samples as a training takes them at a step, standardised. */
  isAugmented = $state(false)
  /** Updates before that step. */
  step = $state(0)
  readonly import: DataImport

  constructor(connection: Connection) {
    this.import = new DataImport(connection)
  }

  /** Another data set, or another part of it, begins at its first sample. */
  show(changes: Partial<Pick<DataDesk, 'selected' | 'part' | 'label'>>): void {
    const isOther = 'selected' in changes && changes.selected !== this.selected
    Object.assign(this, { from: 0, sample: null, ...(isOther ? { label: null } : {}), ...changes })
  }
}
