import type { DepthCell } from '../../../shared/depth/results'
import { encodeMessage, decodeMessage } from '../../../shared/protocol/transport'
import type { Experiment } from '../../../shared/settings/experiment'
import type { RunFolder } from './run-folder'

const FILE = 'cells.json'

/** The finished cells of a run, in its folder, so that it can go on behind them. */
export class FinishedCells {
  constructor(
    private readonly folder: RunFolder,
    private readonly experiment: Experiment,
  ) {}

  /** Those that are there, of this very experiment; none where the file is missing or damaged. */
  async read(): Promise<DepthCell[]> {
    try {
      const { experiment, cells } = decodeMessage(await this.text()) as {
        experiment: unknown
        cells: DepthCell[]
      }
      const isSame = JSON.stringify(experiment) === JSON.stringify(this.experiment)
      return isSame && Array.isArray(cells) ? cells.filter(isCell) : []
    } catch {
      return []
    }
  }

  private async text(): Promise<string> {
    const file = await this.folder.open(FILE)
    if (!file) return ''
    try {
      const bytes = new Uint8Array(file.size)
      file.read(0, bytes)
      return new TextDecoder().decode(bytes)
    } finally {
      file.close()
    }
  }

  /** @returns what went wrong, a sentence: the training goes on without; null: they are on the disk */
  async write(cells: readonly DepthCell[]): Promise<string | null> {
    const { experiment, folder } = this
    const parts = async function* () {
      yield new TextEncoder().encode(encodeMessage({ version: 1, experiment, cells }))
    }
    try {
      await folder.write(FILE, parts())
      return null
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return `Finished depths could not be saved (${code ?? message}): ${folder.pathOf(FILE)}. Training goes on.`
    }
  }
}

/** As far as a damaged file could have it otherwise. */
const isCell = (value: DepthCell) =>
  Number.isInteger(value?.series) &&
  Number.isInteger(value.depth) &&
  Array.isArray(value.evaluations?.step) &&
  value.evaluations.step.length > 0
