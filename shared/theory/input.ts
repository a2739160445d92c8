import { isGridData, isVectorData } from '../data/batch'
import type { Experiment } from '../settings/experiment'
import { inputShape } from '../network/plan'
import { gridMoments, windowSums } from '../moments/grid-moments'
import { type GridMoments } from '../moments/moments'
import { positions, vector, type Shape } from '../numerics/shape'
import { rowWindow, squareWindow, windowArea } from '../numerics/window'

/**
 * Second moments of the network's input over the batch: what theory needs of a data set, `[S]` and `[S × S]`, per input
 * unit.
 */
export interface InputMoments {
  mean: Float64Array
  kernel: Float64Array
  /** Where positions differ. */
  grid?: GridMoments
  exchangeable: boolean
  /** Why theory cannot begin from it, a clause; absent: the coordinates of h_0 are jointly Gaussian. */
  refusal?: string
}

/**
 * h_0 for Gaussian noise, after the stem if there is one: He's, twice the variance; on a grid a window of three an
 * axis, which at the border sees zeros.
 * @param shape of the input, where it has positions
 */
export function normalInput(stem: Experiment['stem'], shape: Shape = vector(1)): InputMoments {
  const window =
    shape.rows === 1
      ? rowWindow(shape, { kernel: 3, stride: 1, padding: 1 })
      : squareWindow(shape, { kernel: 3, stride: 1, padding: 1 })
  const places = positions(shape)
  const even = new Float64Array(places).fill(1)
  const square =
    stem === 'none'
      ? even
      : places === 1
        ? Float64Array.of(2)
        : windowSums(even, window).map((seen) => (2 * seen) / windowArea(window))
  const grid = { square, mean: new Float64Array(places), isShared: false }
  const { mean, kernel, grid: uneven } = gridMoments(grid, 0, { gaussian: true, sources: new Set() })
  return { mean, kernel, grid: uneven, exchangeable: true }
}

/** h_0 for a data set `x` [samples, length] behind a He linear stem: Gaussian with the kernel 2 x x'/length. */
export function dataInput(x: ArrayLike<number>, samples: number, length: number): InputMoments {
  const kernel = new Float64Array(samples * samples)
  for (let a = 0; a < samples; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = 0
      for (let i = 0; i < length; i++) dot += x[a * length + i] * x[b * length + i]
      kernel[a * samples + b] = kernel[b * samples + a] = (2 * dot) / length
    }
  }
  return { mean: new Float64Array(samples), kernel, exchangeable: false }
}

type Outline = Pick<Experiment, 'input' | 'stem' | 'width' | 'batch' | 'network'> &
  Partial<Pick<Experiment, 'data' | 'ownData'>>

/**
 * h_0 of an experiment's networks. One that theory cannot begin from says why.
 * @param data the data set's batch where it is the input, [batch, length]
 */
export function streamInput(outline: Outline, data: ArrayLike<number> | null): InputMoments {
  const { input, stem, network, batch } = outline
  if (stem === 'linear' && network?.stem)
    return refused('the stem ends in a ReLU, so that h_0 is not Gaussian')
  if (isGridData(outline))
    return refused(`positions of ${input === 'sequence' ? 'a sequence' : 'a sample'} differ in their values`)
  if (!isVectorData(outline)) return normalInput(stem, inputShape(outline))
  if (stem !== 'linear') return refused('the input’s values are not Gaussian; with a linear stem they are')
  if (!data) throw new Error('A data set is the input, but no samples were given')
  return dataInput(data, batch, data.length / batch)
}

const refused = (refusal: string): InputMoments => ({ ...normalInput('none'), refusal })
