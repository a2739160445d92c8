import type { Backend } from '../backend'
import { describedData } from '../../../shared/data/data-sets'
import { outputsOf } from '../../../shared/data/description'
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
import { startsOutputAtZero } from '../../../shared/block/remedies'
import { isLearned } from '../../../shared/graph/parameter-shape'
import { headOf, outputShape, stemOf, type PlannedBlock } from '../../../shared/network/plan'
import type { Shape } from '../../../shared/numerics/shape'
import { OPTIMIZERS } from './optimizer'
import type { PreparedSeries } from './prepared-series'
import type { Tensor } from './tensor'

/** A tensor that steps assign to. */
export type Variable = ReturnType<Backend['tf']['variable']>

/** A parameter of all replicas, [R, rows, columns], with what the optimizer remembers of it. */
export interface Learned {
  /** Where it stands, the same in every training of the network: "blocks.3.linear.weight". */
  name: string
  variable: Variable
  /** By the optimizer's names, in its order; each of the variable's shape. */
  slots: ReadonlyMap<string, Variable>
}

/** What stands in a parameter's place: learned, or the same number always, or drawn at every step. */
type Source = { place: ParameterPlace; learned: Learned | null }

/** A block (or the stem or the head) with its parameters, in the order of `blockParameters`. */
export interface Layer {
  planned: PlannedBlock
  sources: Source[]
}

/** Whose numbers a layer's parameters are drawn from. */
type Drawing = Pick<Experiment, 'init' | 'gain' | 'seed'>

/** What a parameter of block k starts with, [R, …], row-major; the caller's own. */
type Numbers = (
  place: ParameterPlace,
  k: number,
  how: Drawing,
  replicas: number,
  stream?: Stream,
) => Float32Array

const drawNew: Numbers = (place, k, how, replicas, stream) =>
  drawParameter(new Float32Array(replicas * place.shape[0] * place.shape[1]), place, k, how, replicas, stream)

/** For several series, which share numbers where their parameters coincide: each is drawn once. */
export function drawOnce(): Numbers {
  const known = new Map<string, Float32Array>()
  return (...all) => {
    const [
      { role, shape, fanIn, fanOut, ordinal, factor, initial },
      k,
      { init, gain, seed },
      replicas,
      stream,
    ] = all
    const which = [
      k,
      role,
      shape,
      fanIn,
      fanOut,
      ordinal,
      factor,
      initial,
      init,
      gain,
      seed,
      replicas,
      stream,
    ]
    const key = JSON.stringify(which)
    const values = known.get(key) ?? drawNew(...all)
    known.set(key, values)
    // TensorFlow may write over what it is given.
    return values.slice()
  }
}

/** What all replicas of one series learn, as variables of the backend, with what the optimizer remembers of it. */
export class TrainableParameters {
  readonly stem: Layer
  readonly blocks: Layer[]
  /** What comes between h_L and the mean over positions; null: nothing. */
  readonly head: Layer | null
  /** Weight and bias of the linear layer to the classes or targets. */
  readonly output: [Learned, Learned]
  /** The shape of h_L. */
  readonly top: Shape
  /** All that is learned, each once. */
  readonly learned: Learned[] = []
  readonly plan: readonly PlannedBlock[]

  /** @param drawn told of each block whose parameters are drawn; may throw */
  constructor(
    readonly backend: Backend,
    { series, plan }: PreparedSeries,
    readonly experiment: Experiment,
    private numbers: Numbers = drawNew,
    drawn: () => void = () => {},
  ) {
    this.plan = plan
    const outer = outerInitialisation(experiment)
    this.top = outputShape(plan[plan.length - 1])
    this.stem = this.layer('stem', stemOf(experiment)!, 0, outer, STREAM.stem)
    const head = headOf(experiment, this.top)
    this.head = head && this.layer('head', head, 0, outer)
    const { units } = this.top
    const outputs = outputsOf(describedData(experiment))
    const factor = startsOutputAtZero(series) ? 0 : 1
    const place = { fanIn: units, node: 'output', ordinal: 0, factor }
    this.output = [
      this.draw(
        'output.weight',
        { ...place, role: 'weight', shape: [units, outputs] },
        0,
        outer,
        STREAM.head,
      ),
      this.draw('output.bias', { ...place, role: 'bias', shape: [1, outputs] }, 0, outer),
    ]
    try {
      this.blocks = plan.map((planned, i) => {
        const block = this.layer(`blocks.${i + 1}`, planned, i + 1, experiment)
        drawn()
        return block
      })
    } catch (error) {
      this.dispose()
      throw error
    }
    // What was drawn for other series is not to stay in memory.
    this.numbers = drawNew
  }

  private layer(name: string, planned: PlannedBlock, block: number, how: Drawing, stream?: Stream): Layer {
    const places = blockParameters(planned.graph, planned.place, { block, depth: this.experiment.blocks })
    const source = (place: ParameterPlace): Source => ({
      place,
      learned: isLearned(place)
        ? this.draw(`${name}.${place.node}.${place.role}`, place, block, how, stream)
        : null,
    })
    return { planned, sources: places.map(source) }
  }

  private draw(name: string, place: ParameterPlace, k: number, how: Drawing, stream?: Stream): Learned {
    const { tf } = this.backend
    const { replicas, optimizer } = this.experiment
    const shape: [number, number, number] = [replicas, ...place.shape]
    const values = this.numbers(place, k, how, replicas, stream)
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, shape)))
    // Filled where it is: zeros of the host would be carried there.
    const slots = OPTIMIZERS[optimizer]
      .slots(this.experiment)
      .map((slot) => [slot, tf.tidy(() => tf.variable(tf.fill(shape, 0)))] as const)
    const learned = { name, variable, slots: new Map(slots) }
    this.learned.push(learned)
    return learned
  }

  /** All noise of one step, block by block, each [R, …]. @param pass which: counts from 1 */
  drawNoise(pass: number): Tensor[] {
    return this.blocks.flatMap(({ sources }, i) =>
      sources.flatMap(({ place }) => (place.role === 'noise' ? [this.noise(place, i + 1, pass)] : [])),
    )
  }

  /** What block k (from 1) is computed with and does not learn, in order: constants, and the noise of one step. */
  given(k: number, pass: number): Tensor[] {
    return this.blocks[k - 1].sources.flatMap(({ place, learned }) => {
      if (learned) return []
      return [place.role === 'noise' ? this.noise(place, k, pass) : this.constant(place)]
    })
  }

  private noise(place: ParameterPlace, block: number, pass: number): Tensor {
    const { seed, batch: samples, replicas } = this.experiment
    const shape = noiseShape(place, samples)
    const values = new Float32Array(replicas * shape[0] * shape[1])
    drawNoise(values, place, { seed, block, pass, samples }, replicas)
    return this.backend.tf.tensor(values, [replicas, ...shape])
  }

  /** How many tensors `drawNoise` gives. */
  get noiseCount(): number {
    const isNoise = ({ place }: Source) => place.role === 'noise'
    return this.blocks.reduce((sum, { sources }) => sum + sources.filter(isNoise).length, 0)
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
    return sources.map(({ place, learned }) => learned?.variable ?? this.constant(place))
  }

  /** How many numbers one replica learns. */
  get size(): number {
    return this.learned.reduce((sum, { variable }) => sum + variable.size, 0) / this.experiment.replicas
  }

  /**
   * All that steps assign to, by name: parameters, such as "blocks.3.linear.weight", and what the optimizer remembers
   * of each, such as "blocks.3.linear.weight.velocity". A training that is given these goes on bit for bit.
   */
  variables(): Map<string, Variable> {
    return new Map(
      this.learned.flatMap(({ name, variable, slots }) => [
        [name, variable] as const,
        ...[...slots].map(([slot, own]) => [`${name}.${slot}`, own] as const),
      ]),
    )
  }

  dispose(): void {
    this.variables().forEach((variable) => variable.dispose())
  }

  /** From the input up, each with the name that its arrays' begin with. */
  layers(): [string, Layer][] {
    return [
      ['stem', this.stem],
      ...this.blocks.map((layer, i): [string, Layer] => [`blocks.${i + 1}`, layer]),
      ...(this.head ? [['head', this.head] as [string, Layer]] : []),
    ]
  }
}
