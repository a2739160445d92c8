import type { PlannedCell } from '../../../shared/depth/cells'
import type { ProgressEvent } from '../../../shared/protocol/events'

/** Beside a cell's blocks: what a network costs at any depth, in blocks. */
const AROUND = 3

/** A cell takes about as long as it has blocks, and some. */
const weightOf = ({ depth }: Pick<PlannedCell, 'depth'>) => depth + AROUND

/** How far all cells are, of which one is under way: time left counts those that have not begun. */
export class DepthProgress {
  private readonly total: number
  private done = 0
  /** Of the cells that were trained here, what they weigh and took. */
  private trained = { weight: 0, seconds: 0 }
  private current = 0

  /** @param cells that are to be trained */
  constructor(
    cells: readonly PlannedCell[],
    private readonly emit: (event: ProgressEvent) => void,
  ) {
    this.total = cells.reduce((sum, cell) => sum + weightOf(cell), 0)
  }

  /** Takes the progress of one cell's training. @param name of the cell, for people */
  of(cell: PlannedCell, name: string): (own: ProgressEvent) => void {
    const weight = weightOf(cell)
    return (own) => {
      const share = own.done / Math.max(1, own.total)
      // The training's own clock stands still while it is paused.
      this.current = own.rate ? own.done / own.rate : 0
      const known = this.trained.weight + weight * share
      const pace = known > 0 ? (this.trained.seconds + this.current) / known : null
      const waiting = this.total - this.done - weight
      const secondsLeft = own.secondsLeft === null || pace === null ? null : own.secondsLeft + waiting * pace
      this.emit({
        ...own,
        message: `${name}: ${own.message}`,
        done: this.done + weight * share,
        total: this.total,
        secondsLeft,
      })
    }
  }

  /** The cell under way is trained. */
  finish(cell: PlannedCell): void {
    this.done += weightOf(cell)
    this.trained.weight += weightOf(cell)
    this.trained.seconds += this.current
    this.current = 0
  }
}
