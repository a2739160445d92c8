import type { Experiment } from '../../../shared/settings/experiment'
import { CHECKPOINT_FILE, checkpointOf } from './checkpoint/format'
import { readSafetensors } from './checkpoint/safetensors-format'
import type { RunFolder } from './run-folder'

const FOLDER = 'cell'

/** A cell's own, with the seconds that its training took before the checkpoint that it goes on from. */
export interface CellPlace {
  folder: RunFolder
  secondsBefore: number
}

/**
 * The checkpoint of the cell under way, in a folder of its own within the run's: what a stop or a killed process leaves
 * of it, until the cell is finished.
 */
export class CellCheckpoint {
  /** @param run the run's folder */
  constructor(private readonly run: RunFolder) {}

  /**
   * Where the cell's training keeps its checkpoint, and whether it goes on from the one that is there: only from this
   * very cell's. Null where there can be none; the training goes on without.
   */
  async placeOf(experiment: Experiment): Promise<CellPlace | null> {
    const seconds = this.run.resume ? await this.secondsOf(experiment) : null
    const resume = seconds !== null
    try {
      if (!resume) await this.remove()
      return { folder: await this.run.within(FOLDER, resume), secondsBefore: seconds ?? 0 }
    } catch {
      return null
    }
  }

  /** The cell is finished. */
  async remove(): Promise<void> {
    try {
      await this.run.remove(FOLDER)
    } catch {
      // The next one finds that it is not its own.
    }
  }

  /** That this very cell has taken until its checkpoint; null: there is none of it. */
  private async secondsOf(experiment: Experiment): Promise<number | null> {
    try {
      const file = await (await this.run.within(FOLDER, true)).open(CHECKPOINT_FILE)
      if (!file) return null
      const { state, arrays } = checkpointOf(() => readSafetensors(file), experiment)
      arrays.close()
      const { seconds } = state as { seconds?: unknown }
      // Earlier versions did not say.
      return typeof seconds === 'number' ? seconds : 0
    } catch {
      return null
    }
  }
}
