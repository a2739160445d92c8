import type { Experiment } from '../../../shared/experiment'
import type { BlockGraph } from '../../../shared/graph'
import {
  STREAM,
  blockParameters,
  drawParameter,
  startsConstant,
  type ParameterPlace,
} from '../../../shared/initialisation'
import type { Tensor, TfModule } from './tensor-math'

type WeightExperiment = Pick<Experiment, 'init' | 'gain' | 'seed' | 'width' | 'replicas' | 'blocks'>

/**
 * Draws the parameters of blocks, [replica, rows, columns]. They depend only on the seed and their place, so series share them; what was
 * drawn is kept up to a budget of bytes, and drawn again beyond.
 */
export class Weights {
  private readonly kept = new Map<string, Tensor>()
  private readonly transient: Tensor[] = []
  private bytes = 0

  constructor(
    private readonly tf: TfModule,
    private readonly experiment: WeightExperiment,
    private readonly budgetBytes: number,
  ) {}

  /** Parameters of block k (from 1), in the order of `blockParameters`. They stay the bank's: do not dispose. */
  block(graph: BlockGraph, k: number): Tensor[] {
    const { width, blocks } = this.experiment
    const places = blockParameters(graph, width, { block: k, depth: blocks })
    return places.map((place) => this.parameter(place, k))
  }

  /** The He linear layer before the first block, [replica, in, width]; the caller disposes of it. */
  stem(inputWidth: number): Tensor {
    return this.outer([inputWidth, this.experiment.width], STREAM.stem)
  }

  /** The He linear layer after the last block, [replica, width, out]; the caller disposes of it. */
  head(outputWidth: number): Tensor {
    return this.outer([this.experiment.width, outputWidth], STREAM.head)
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

  private outer(shape: [number, number], stream: number): Tensor {
    const place: ParameterPlace = {
      role: 'weight',
      shape,
      fanIn: shape[0],
      node: 'outer',
      ordinal: 0,
    }
    const size = this.experiment.replicas * shape[0] * shape[1]
    const he = { init: 'he', gain: 1, seed: this.experiment.seed } as const
    const values = drawParameter(new Float32Array(size), place, 0, he, this.experiment.replicas, stream)
    return this.tf.tensor(values, [this.experiment.replicas, ...shape], 'float32')
  }

  private parameter(place: ParameterPlace, k: number): Tensor {
    const { replicas } = this.experiment
    // Zero biases and gates are alike in every block.
    const from = startsConstant(place, this.experiment) ? (place.initial ?? 0) : `${k}/${place.ordinal}`
    const key = [place.role, from, place.factor ?? 1, place.fanIn, ...place.shape].join('/')
    const before = this.kept.get(key)
    if (before) return before
    const [rows, columns] = place.shape
    const values = drawParameter(
      new Float32Array(replicas * rows * columns),
      place,
      k,
      this.experiment,
      replicas,
    )
    const tensor = this.tf.keep(this.tf.tensor(values, [replicas, rows, columns], 'float32'))
    if (this.bytes + values.byteLength <= this.budgetBytes) {
      this.kept.set(key, tensor)
      this.bytes += values.byteLength
    } else {
      this.transient.push(tensor)
    }
    return tensor
  }
}

/** A flat list of parameters as the interpreter wants them: by node. */
export function byNode<T>(graph: BlockGraph, width: number, flat: T[]): Map<string, T[]> {
  const result = new Map<string, T[]>()
  blockParameters(graph, width).forEach((place, i) => {
    result.set(place.node, [...(result.get(place.node) ?? []), flat[i]])
  })
  return result
}
