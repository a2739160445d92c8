import { EVERY_RUN, findRuns, type RunQuery, type SortKey } from '../../shared/runs/query'
import type { ComparisonQuestion } from '../../shared/runs/comparison'
import type { RunEntry } from '../../shared/runs/run'

export type RunsPage = 'list' | 'compare' | 'trash'

/** How the Runs view is looked at: it stays while other views are shown. */
export class RunsDesk {
  page = $state<RunsPage>('list')
  query = $state.raw<RunQuery>(EVERY_RUN)
  /** Id of the run whose detail is shown. */
  selected = $state<string | null>(null)
  /** Ids of what is compared. */
  chosen = $state.raw<readonly string[]>([])
  /** Null until the runs to compare are known: then what they have decides. */
  question = $state.raw<ComparisonQuestion | null>(null)
  /** Keys of the two series whose difference is drawn; null: none is. */
  difference = $state.raw<readonly [string, string] | null>(null)

  ask(changes: Partial<RunQuery>): void {
    this.query = { ...this.query, ...changes }
  }

  /** Orders by a column; by the same again turns it round. Times and figures begin with the largest. */
  sortBy(by: SortKey): void {
    const { sort } = this.query
    const descending = sort.by === by ? !sort.descending : by === 'created'
    this.ask({ sort: { by, descending } })
  }

  found(runs: readonly RunEntry[]): RunEntry[] {
    return findRuns(runs, this.query)
  }

  toggleChosen(id: string): void {
    this.chosen = this.chosen.includes(id) ? this.chosen.filter((one) => one !== id) : [...this.chosen, id]
  }
}
