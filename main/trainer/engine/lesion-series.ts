import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/settings/experiment'
import { seriesTitle } from '../../../shared/network/series-names'
import { intactStart } from '../../../shared/lesion/lesion'
import type { LesionEvent } from '../../../shared/protocol/protocol'
import type { LesionOutcome, LesionSeries, LesionSpread } from '../../../shared/lesion/results'
import type { ControlBuffer } from './control'
import type { RunFolder } from './run-folder'
import { Progress, waitForTurn } from './progress'

/** What runs through the blocks: the stream of one batch, or of several. */
export interface LesionStream {
  dispose(): void
}

/** The networks of one series, block by block: at initialisation or trained. The intact ones go through first. */
export interface LesionBlocks<Stream extends LesionStream> {
  /** h_0. */
  input: Stream
  /** From h through block k (from 1); the caller disposes of the result. */
  through(h: Stream, k: number): Stream
  /** What is left of the intact h_L in the changed one. */
  compare(intact: Stream, changed: Stream): Promise<LesionOutcome>
  /** How alike samples are in the intact h_L (`LesionSeries.between`). */
  between(intact: Stream): Promise<LesionSpread>
}

/** What all series of one lesion job share. */
export interface LesionJob {
  backend: Backend
  experiment: Experiment
  control: ControlBuffer
  /** Blocks of each changed network. */
  orders: number[][]
  emit: (event: LesionEvent) => void
  /** Of trained networks that are there already; null: there are none. */
  place: RunFolder | null
}

/** Blocks that a series' lesions run through, the intact network's own pass included. */
export const passesOf = ({ orders, experiment }: Pick<LesionJob, 'orders' | 'experiment'>) =>
  orders.reduce((sum, order) => sum + order.length - intactStart(order), experiment.blocks)

/** All lesions of one series' networks, into its outcomes. @throws Stopped */
export async function measureLesionSeries<Stream extends LesionStream>(
  { experiment, control, orders, progress }: LesionJob & { progress: Progress },
  blocks: LesionBlocks<Stream>,
  series: LesionSeries,
): Promise<void> {
  const through = async (h: Stream, k: number) => {
    await waitForTurn({ control, progress })
    const next = blocks.through(h, k)
    progress.tick(`${seriesTitle(series)}: block ${k}`)
    return next
  }
  /** h_0..h_L of the intact network. */
  const intact = [blocks.input]
  try {
    for (let k = 1; k <= experiment.blocks; k++) intact.push(await through(intact[k - 1], k))
    series.between = await blocks.between(intact[experiment.blocks])
    for (const order of orders) {
      const start = intactStart(order)
      let h = intact[start]
      for (const k of order.slice(start)) {
        const next = await through(h, k)
        if (h !== intact[start]) h.dispose()
        h = next
      }
      series.outcomes.push(await blocks.compare(intact[experiment.blocks], h))
      if (h !== intact[start]) h.dispose()
    }
  } finally {
    intact.slice(1).forEach((state) => state.dispose())
  }
}
