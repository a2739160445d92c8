import { trainingExperiment } from '../../shared/experiment/experiment'
import { exportedNetwork } from '../../shared/export/network'
import { expectedLayers } from '../../shared/import/expected'
import { writeCheckpoint } from '../trainer/engine/checkpoint/checkpoint'
import type { ArraySource } from '../trainer/engine/checkpoint/safetensors'
import type { TrainingState } from '../trainer/engine/checkpoint/training-state'
import { OPTIMIZERS } from '../trainer/engine/optimizer'
import type { ImportedNetwork } from './network'

/** Of what is learned by statistics, and not by steps, an optimizer remembers nothing. */
const STATISTICS = ['mean', 'variance']

/**
 * Writes a checkpoint as a training writes it, of networks that were trained elsewhere: what an optimizer remembers is
 * at its start, and there are no frames and evaluations.
 * @throws Error of the system
 */
export function writeImported(file: string, { experiment, arrays, steps }: ImportedNetwork): void {
  const training = trainingExperiment(experiment)
  const slots = OPTIMIZERS[training.optimizer].slots(training)
  const sources = expectedLayers(exportedNetwork(experiment, 0, true)).flatMap((layer) =>
    layer.arrays.flatMap(({ source, role, rows, columns }): ArraySource[] => {
      const [name, shape] = [`series.1.${source}`, [arrays.length, rows, columns]]
      const size = rows * columns
      const values = () => {
        const all = new Float32Array(arrays.length * size)
        arrays.forEach((one, i) => all.set(one(source).values, i * size))
        return all
      }
      const own = { name, shape, values }
      if (STATISTICS.includes(role)) return [own]
      const zeros = () => new Float32Array(arrays.length * size)
      return [own, ...slots.map((slot) => ({ name: `${name}.${slot}`, shape, values: zeros }))]
    }),
  )
  const none = { loss: [], error: [] }
  const state: TrainingState = {
    ...{ step: steps ?? 0, seconds: 0, frames: { frames: [], seen: 0, lastIsBetween: false } },
    failures: { found: [null], lastLoss: [NaN] },
    evaluations: [{ step: [], learningRate: [], train: none, test: none }],
    ...{ xla: null, series: [{ milliseconds: 0, lost: null }] },
  }
  writeCheckpoint(file, training, state, sources)
}
