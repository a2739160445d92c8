import type { Experiment } from '../../../shared/settings/experiment'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { STREAM, type Stream } from '../../../shared/numerics/random-streams'
import {
  blockParameters,
  drawNoise,
  drawParameter,
  noiseShape,
  outerInitialisation,
  startsConstant,
  type ParameterPlace,
} from '../../../shared/network/parameters'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { BlockPlace } from '../../../shared/numerics/shape'
import type { Tensor, TfModule } from './tensor'

type WeightExperiment = Pick<Experiment, 'init' | 'gain' | 'seed' | 'width' | 'replicas' | 'blocks' | 'batch'>

/**
 * Draws the parameters of blocks, [replica, rows, columns]. They depend only on the seed and their place, so
 * series share them; what was drawn is kept up to a budget of bytes, and drawn again beyond.
 */
export class Weights {
  private readonly kept = new Map<string, Tensor>()
  private readonly transient: Tensor[] = []
  private bytes = 0

  /** @param first the first of the replicas */
  constructor(
    private readonly tf: TfModule,
    private readonly experiment: WeightExperiment,
    private readonly budgetBytes: number,
    readonly first = 0,
  ) {}

  /**
   * Parameters of block k (from 1), in the order of `blockParameters`; noise as it is drawn in measurements.
   * They stay the bank's: do not dispose.
   * @param block a graph alone: in a network of one width without positions
   */
  block(block: PlannedBlock | BlockGraph, k: number): Tensor[] {
    const { width, blocks } = this.experiment
    const { graph, place } = 'graph' in block ? block : { graph: block, place: width }
    const places = blockParameters(graph, place, { block: k, depth: blocks })
    return places.map((one) => (one.role === 'noise' ? this.noise(one, k) : this.parameter(one, k)))
  }

  /** The He linear layer before the first block, [replica, in, width]; the caller disposes of it. */
  stem(inputWidth: number): Tensor {
    const shape: [number, number] = [inputWidth, this.experiment.width]
    return this.outer({ role: 'weight', shape, fanIn: inputWidth, node: 'outer', ordinal: 0 }, STREAM.stem)
  }

  /** Parameters of what comes before the first block; the caller disposes of them. */
  stemParameters({ graph, place }: PlannedBlock): Tensor[] {
    return blockParameters(graph, place).map((one) => this.outer(one, STREAM.stem))
  }

  /** The He linear layer after the last block, [replica, width, out]; the caller disposes of it. */
  head(outputWidth: number): Tensor {
    const { width } = this.experiment
    const shape: [number, number] = [width, outputWidth]
    return this.outer({ role: 'weight', shape, fanIn: width, node: 'outer', ordinal: 0 }, STREAM.head)
  }

  /** Frees what did not fit the budget; call when a block is done. */
  releaseTransient(): void {
    this.transient.splice(0).forEach((tensor) => tensor.dispose())
  }

  dispose(): void {
    this.releaseTransient()
    this.kept.forEach((tensor) => tensor.dispose())
    this.kept.clear()
  }

  private outer(place: ParameterPlace, stream: Stream): Tensor {
    const { replicas } = this.experiment
    const values = new Float32Array(replicas * place.shape[0] * place.shape[1])
    drawParameter(values, place, 0, outerInitialisation(this.experiment), replicas, stream, this.first)
    return this.tf.tensor(values, [replicas, ...place.shape], 'float32')
  }

  private parameter(place: ParameterPlace, k: number): Tensor {
    const { replicas } = this.experiment
    // Zero biases and gates are alike in every block.
    const from = startsConstant(place, this.experiment) ? (place.initial ?? 0) : `${k}/${place.ordinal}`
    const { role, factor = 1, fanIn, fanOut = '' } = place
    const key = [role, from, factor, fanIn, fanOut, ...place.shape].join('/')
    const before = this.kept.get(key)
    if (before) return before
    const [rows, columns] = place.shape
    const values = new Float32Array(replicas * rows * columns)
    drawParameter(values, place, k, this.experiment, replicas, undefined, this.first)
    const tensor = this.tf.keep(this.tf.tensor(values, [replicas, rows, columns], 'float32'))
    if (this.bytes + values.byteLength <= this.budgetBytes) {
      this.kept.set(key, tensor)
      this.bytes += values.byteLength
    } else {
      this.transient.push(tensor)
    }
    return tensor
  }

  /** Forward and backward ask for it in turn, and get the same. */
  private noise(place: ParameterPlace, k: number): Tensor {
    const { replicas, batch, seed } = this.experiment
    const shape = noiseShape(place, batch)
    const values = new Float32Array(replicas * shape[0] * shape[1])
    drawNoise(values, place, { seed, block: k, pass: 0, samples: batch }, replicas, this.first)
    const tensor = this.tf.keep(this.tf.tensor(values, [replicas, ...shape], 'float32'))
    this.transient.push(tensor)
    return tensor
  }
}

/** A flat list of parameters as the interpreter wants them: by node. */
export function byNode<T>(graph: BlockGraph, place: BlockPlace | number, flat: T[]): Map<string, T[]> {
  const result = new Map<string, T[]>()
  blockParameters(graph, place).forEach(({ node }, i) => {
    result.set(node, [...(result.get(node) ?? []), flat[i]])
  })
  return result
}
