import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Place } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import { CHECKPOINT_FILE, openCheckpoint } from './checkpoint/checkpoint'

const FOLDER = 'cell'

/** A cell's own, with the seconds that its training took before the checkpoint that it goes on from. */
export interface CellPlace extends Place {
  secondsBefore: number
}

/**
 * The checkpoint of the cell under way, in a folder of its own within the run's: what a stop or a killed process leaves
 * of it, until the cell is finished.
 */
export class CellCheckpoint {
  private readonly folder: string

  /** @param run the run's place */
  constructor(private readonly run: Place) {
    this.folder = path.join(run.folder, FOLDER)
  }

  /**
   * Where the cell's training keeps its checkpoint, and whether it goes on from the one that is there: only from this
   * very cell's. Null where there can be none; the training goes on without.
   */
  placeOf(experiment: Experiment): CellPlace | null {
    const seconds = this.run.resume ? this.secondsOf(experiment) : null
    const resume = seconds !== null
    try {
      if (!resume) this.remove()
      if (!fs.existsSync(this.folder)) fs.mkdirSync(this.folder, { mode: 0o700 })
      return { folder: this.folder, resume, secondsBefore: seconds ?? 0 }
    } catch {
      return null
    }
  }

  /** The cell is finished. */
  remove(): void {
    try {
      fs.rmSync(this.folder, { recursive: true, force: true })
    } catch {
      // The next one finds that it is not its own.
    }
  }

  /** That this very cell has taken until its checkpoint; null: there is none of it. */
  private secondsOf(experiment: Experiment): number | null {
    try {
      const { state, arrays } = openCheckpoint(path.join(this.folder, CHECKPOINT_FILE), experiment)
      arrays.close()
      const { seconds } = state as { seconds?: unknown }
      // Earlier versions did not say.
      return typeof seconds === 'number' ? seconds : 0
    } catch {
      return null
    }
  }
}
