import type { Experiment } from '../../../shared/settings/experiment'
import type { TrainFrame } from '../../../shared/protocol/protocol'
import { emptySummary, setPoint, summarisePoint } from '../../../shared/numerics/statistics'

/**
 * A series' part of a frame, from the statistics of a probed step (see `trainingStep`): over the replicas, with
 * gradients relative to h_L's.
 */
export function trainingFrame(
  values: Float32Array,
  { replicas, blocks }: Pick<Experiment, 'replicas' | 'blocks'>,
): TrainFrame['series'][number] {
  let at = 0
  const next = () => values.subarray(at, (at += replicas))
  const [loss, accuracy] = [summarisePoint(next()), summarisePoint(next())]
  const stream = () => emptySummary(blocks + 1)
  const frame = {
    q: stream(),
    v: stream(),
    m: stream(),
    p: stream(),
    weightGradientNorm2: emptySummary(blocks),
    updateRatio: emptySummary(blocks),
    loss,
    accuracy,
  }
  for (let k = 0; k <= blocks; k++) {
    for (const quantity of ['q', 'v', 'm'] as const) setPoint(frame[quantity], k, summarisePoint(next()))
  }
  const squares = Array.from({ length: blocks + 1 }, next)
  squares.forEach((square, k) =>
    setPoint(frame.p, k, summarisePoint(square.map((g, r) => g / squares[blocks][r]))),
  )
  for (let k = 0; k < blocks; k++) setPoint(frame.weightGradientNorm2, k, summarisePoint(next()))
  for (let k = 0; k < blocks; k++) setPoint(frame.updateRatio, k, summarisePoint(next()))
  return frame
}
