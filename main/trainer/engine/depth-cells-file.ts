import * as fs from 'node:fs'
import * as path from 'node:path'
import type { DepthCell } from '../../../shared/depth/results'
import { encodeMessage, decodeMessage } from '../../../shared/protocol/transport'
import type { Experiment } from '../../../shared/settings/experiment'
import { removeLeftovers, replaceFileNow } from '../../files/write-now'

const FILE = 'cells.json'

/** The finished cells of a run, in its folder, so that it can go on behind them. */
export class FinishedCells {
  private readonly file: string

  constructor(
    folder: string,
    private readonly experiment: Experiment,
  ) {
    this.file = path.join(folder, FILE)
  }

  /** Those that are there, of this very experiment; none where the file is missing or damaged. */
  read(): DepthCell[] {
    try {
      removeLeftovers(this.file)
      const { experiment, cells } = decodeMessage(fs.readFileSync(this.file, 'utf8')) as {
        experiment: unknown
        cells: DepthCell[]
      }
      const isSame = JSON.stringify(experiment) === JSON.stringify(this.experiment)
      return isSame && Array.isArray(cells) ? cells.filter(isCell) : []
    } catch {
      return []
    }
  }

  /** @returns what went wrong, a sentence: the training goes on without; null: they are on the disk */
  write(cells: readonly DepthCell[]): string | null {
    try {
      const text = encodeMessage({ version: 1, experiment: this.experiment, cells })
      replaceFileNow(this.file, [Buffer.from(text)])
      return null
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return `Finished depths could not be saved (${code ?? message}): ${this.file}. Training goes on.`
    }
  }
}

/** As far as a damaged file could have it otherwise. */
const isCell = (value: DepthCell) =>
  Number.isInteger(value?.series) &&
  Number.isInteger(value.depth) &&
  Array.isArray(value.evaluations?.step) &&
  value.evaluations.step.length > 0
