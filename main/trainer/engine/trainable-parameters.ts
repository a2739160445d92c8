import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/settings/experiment'
import { STREAM, type Stream } from '../../../shared/numerics/random-streams'
import {
  blockParameters,
  drawNoise,
  drawParameter,
  expectedNoise,
  noiseShape,
  outerInitialisation,
  type ParameterPlace,
} from '../../../shared/network/parameters'
import { isLearned } from '../../../shared/graph/parameter-shape'
import { headOf, outputShape, stemOf, type PlannedBlock } from '../../../shared/network/plan'
import type { Shape } from '../../../shared/numerics/shape'
import { CLASSES } from './classifier'
import type { Tensor } from './tensor'

/** A tensor that steps assign to. */
export type Variable = ReturnType<Backend['tf']['variable']>

/** What stands in a parameter's place: learned, or the same number always, or drawn at every step. */
type Source = { place: ParameterPlace; variable: Variable | null }

/** A block (or the stem or the head) with its parameters, in the order of `blockParameters`. */
export interface Layer {
  planned: PlannedBlock
  sources: Source[]
}

/** Whose numbers a layer's parameters are drawn from. */
type Drawing = Pick<Experiment, 'init' | 'gain' | 'seed'>

/** What all replicas of one series learn, as variables [R, rows, columns] of the backend, with their velocities. */
export class TrainableParameters {
  readonly stem: Layer
  readonly blocks: Layer[]
  /** What comes between h_L and the mean over positions; null: nothing. */
  readonly head: Layer | null
  /** Weight and bias of the linear layer to the classes. */
  readonly output: [Variable, Variable]
  /** The shape of h_L. */
  readonly top: Shape
  /** None without momentum. */
  readonly velocities = new Map<Variable, Variable>()
  /** Noise is drawn anew for every pass; so many there were. */
  passes = 0

  constructor(
    readonly backend: Backend,
    plan: readonly PlannedBlock[],
    readonly experiment: Experiment,
  ) {
    const outer = outerInitialisation(experiment)
    this.top = outputShape(plan[plan.length - 1])
    this.stem = this.layer(stemOf(experiment)!, 0, outer, STREAM.stem)
    const head = headOf(experiment, this.top)
    this.head = head && this.layer(head, 0, outer)
    const { units } = this.top
    const place = { fanIn: units, node: 'output', ordinal: 0 }
    this.output = [
      this.draw({ ...place, role: 'weight', shape: [units, CLASSES] }, 0, outer, STREAM.head),
      this.draw({ ...place, role: 'bias', shape: [1, CLASSES] }, 0, outer),
    ]
    this.blocks = plan.map((planned, i) => this.layer(planned, i + 1, experiment))
  }

  private layer(planned: PlannedBlock, block: number, how: Drawing, stream?: Stream): Layer {
    const places = blockParameters(planned.graph, planned.place, { block, depth: this.experiment.blocks })
    const source = (place: ParameterPlace): Source => ({
      place,
      variable: isLearned(place) ? this.draw(place, block, how, stream) : null,
    })
    return { planned, sources: places.map(source) }
  }

  private draw(place: ParameterPlace, k: number, how: Drawing, stream?: Stream): Variable {
    const { tf } = this.backend
    const { replicas, momentum } = this.experiment
    const shape: [number, number, number] = [replicas, ...place.shape]
    const values = new Float32Array(shape[0] * shape[1] * shape[2])
    drawParameter(values, place, k, how, replicas, stream)
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, shape)))
    if (momentum > 0)
      this.velocities.set(
        variable,
        tf.tidy(() => tf.variable(tf.zeros(shape))),
      )
    return variable
  }

  /** All noise of one step, block by block, each [R, …]; another in every call. */
  drawNoise(): Tensor[] {
    const { tf } = this.backend
    const { seed, batch, replicas } = this.experiment
    const pass = ++this.passes
    return this.blocks.flatMap(({ sources }, i) =>
      sources.flatMap(({ place }) => {
        if (place.role !== 'noise') return []
        const shape = noiseShape(place, batch)
        const values = new Float32Array(replicas * shape[0] * shape[1])
        drawNoise(values, place, { seed, block: i + 1, pass, samples: batch }, replicas)
        return [tf.tensor(values, [replicas, ...shape])]
      }),
    )
  }

  /** What a parameter is that is not learned, the same for all replicas; of noise its mean. */
  constant(place: ParameterPlace): Tensor {
    const { tf } = this.backend
    if (place.role === 'noise') return tf.fill([1, 1, 1], expectedNoise(place))
    return tf.fill([1, ...place.shape], place.initial ?? 0)
  }

  /**
   * Parameters as the interpreter wants them, noise at its mean; what is not learned is the caller's to
   * dispose (call it in a tidy).
   */
  expected({ sources }: Layer): Tensor[] {
    return sources.map(({ place, variable }) => variable ?? this.constant(place))
  }

  /** How many numbers one replica learns. */
  get size(): number {
    return [...this.learned().values()].reduce((sum, { size }) => sum + size, 0) / this.experiment.replicas
  }

  /**
   * All that steps assign to, by name: parameters, such as "blocks.3.linear.weight", and the optimiser's numbers for
   * each. A training that is given these (and its random streams) goes on bit for bit.
   */
  variables(): Map<string, Variable> {
    const all = this.learned()
    for (const [name, variable] of [...all]) {
      const velocity = this.velocities.get(variable)
      if (velocity) all.set(`${name}.velocity`, velocity)
    }
    return all
  }

  dispose(): void {
    this.variables().forEach((variable) => variable.dispose())
  }

  private learned(): Map<string, Variable> {
    const [weight, bias] = this.output
    const all = new Map([
      ['output.weight', weight],
      ['output.bias', bias],
    ])
    for (const [name, { sources }] of this.layers()) {
      for (const { place, variable } of sources)
        if (variable) all.set(`${name}.${place.node}.${place.role}`, variable)
    }
    return all
  }

  /** From the input up. */
  private layers(): [string, Layer][] {
    return [
      ['stem', this.stem],
      ...this.blocks.map((layer, i): [string, Layer] => [`blocks.${i + 1}`, layer]),
      ...(this.head ? [['head', this.head] as [string, Layer]] : []),
    ]
  }
}
