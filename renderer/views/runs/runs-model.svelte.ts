import { figuresOf, isFiltered, tagsOf } from '../../../shared/runs/query'
import { RUN_KINDS, RUN_STATES, type RunEntry } from '../../../shared/runs/run'
import type { Lab } from '../../state/lab.svelte'
import { openSweep } from '../../state/open-sweep'
import { RunsDesk } from '../../state/runs-desk.svelte'

/** What the Runs view shows of the library, and what it does with a run. */
export class RunsModel {
  constructor(private readonly lab: Lab) {}

  readonly desk = $derived.by(() => this.lab.stateOf(RunsDesk))
  readonly runs = $derived.by(() => this.lab.runs)
  readonly isTrash = $derived(this.desk.page === 'trash')
  readonly all = $derived(this.isTrash ? this.runs.trash : this.runs.kept)
  readonly found = $derived(this.desk.found(this.all))
  readonly isFiltered = $derived(isFiltered(this.desk.query))
  readonly tags = $derived(tagsOf(this.all))
  readonly figures = $derived(figuresOf(this.all))
  /** Those that occur. */
  readonly kinds = $derived(RUN_KINDS.filter((kind) => this.all.some((run) => run.kind === kind)))
  readonly states = $derived(RUN_STATES.filter((state) => this.all.some((run) => run.state === state)))
  readonly isConnected = $derived.by(() => this.lab.link === 'open')

  /** The one whose detail is shown: what was selected, as long as it is in the list. */
  readonly selected = $derived.by((): RunEntry | null => {
    const run = this.runs.find(this.desk.selected)
    return run && (run.removed !== null) === this.isTrash ? run : null
  })
  readonly chosen = $derived(
    this.desk.chosen.flatMap((id) => {
      const run = this.runs.find(id)
      return run && run.removed === null ? [run] : []
    }),
  )

  /** What an action is about: the runs that are marked, else the selected one. */
  readonly subject = $derived(this.chosen.length ? this.chosen : this.selected ? [this.selected] : [])

  /** The next of the list, before or after the selected one. @returns its place */
  move(by: number): number {
    const at = this.found.findIndex(({ id }) => id === this.desk.selected)
    const next = Math.max(0, Math.min(this.found.length - 1, at < 0 ? 0 : at + by))
    this.desk.selected = this.found[next]?.id ?? null
    return next
  }

  open(run: RunEntry): void {
    if (run.removed === null) void this.lab.openRun(run)
  }

  async openSweep({ sweep }: RunEntry): Promise<void> {
    if (sweep) await openSweep(this.lab, sweep.id)
  }

  /** All runs of the sweep, whatever has become of them. */
  markSweep({ sweep }: RunEntry): void {
    this.desk.chosen = this.runs.kept.filter((run) => run.sweep?.id === sweep?.id).map(({ id }) => id)
  }

  async rename(run: RunEntry, name: string): Promise<void> {
    if (name.trim() && name.trim() !== run.name) await this.runs.change(run.id, { name })
  }

  /** The list goes on with the next run, so that several can be removed one after the other. */
  async remove(runs: readonly RunEntry[]): Promise<void> {
    const ids = runs.map(({ id }) => id)
    const at = this.found.findIndex(({ id }) => id === ids[0])
    const left = this.found.filter(({ id }) => !ids.includes(id))
    this.desk.chosen = this.desk.chosen.filter((id) => !ids.includes(id))
    if (ids.includes(this.desk.selected ?? ''))
      this.desk.selected = left[Math.min(at, left.length - 1)]?.id ?? null
    await this.runs.remove(runs)
  }

  showFigures(run: RunEntry): void {
    this.lab.showFigures(run)
  }

  exportNetworks(run: RunEntry): void {
    this.lab.exportNetworks(run)
  }

  async copyCommand(run: RunEntry): Promise<void> {
    if (run.command) await this.lab.export.command(run.command)
    else this.lab.announce('No single command makes this run: open it, and copy from its view.')
  }

  /** Asks for a file, in the host's way. */
  async chooseImport(choose: () => Promise<File | null>): Promise<void> {
    if (this.lab.hasNativeDialogs) return this.lab.importRun(null)
    const file = await choose()
    if (file) await this.lab.importRun([file])
  }
}
