import type { Backend } from '../backend'
import { MNIST1D_LENGTH } from '../../../shared/data/mnist1d'
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
import { headOf, inputShape, outputShape, stemOf, type PlannedBlock } from '../../../shared/network/plan'
import type { TrainFrame } from '../../../shared/protocol/protocol'
import { positions, type Shape } from '../../../shared/numerics/shape'
import { emptySummary, setPoint, summarisePoint } from '../../../shared/numerics/statistics'
import type { TrainedArray, TrainedBlock, TrainedWeights } from '../../../shared/network/trained-weights'
import { CLASSES, crossEntropy, pooled, unpooled } from './classifier'
import { createProgram, type Compiled, type Program } from '../compile'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { fastMeanSquare, linearNodes, moments, weightGradientSquare } from './statistics'
import type { Tensor } from './tensor'

export type Variable = ReturnType<Backend['tf']['variable']>
export type Mode = 'step' | 'probed step' | 'look'

/** What stands in a parameter's place: learned, or the same number always, or drawn at every step. */
type Source = { place: ParameterPlace; variable: Variable | null }

interface Layer {
  planned: PlannedBlock
  sources: Source[]
}

/** All replicas of one series: parameters, velocities, and the compiled steps on them. */
export class TrainableSeries {
  readonly blocks: Layer[]
  private readonly stem: Layer
  /** What comes between h_L and the mean over positions; null: nothing. */
  private readonly head: Layer | null
  /** Weight and bias of the linear layer to the classes. */
  private readonly output: [Variable, Variable]
  private readonly input: Shape
  private readonly top: Shape
  private readonly velocities = new Map<Variable, Variable>()
  private readonly program: Program
  /** The last statistics of networks whose losses are all not finite. */
  private lost: Float32Array | null = null
  private readonly steps: Record<Mode, Compiled>
  private pass = 0
  /** What steps have taken, in milliseconds. */
  milliseconds = 0

  constructor(
    readonly backend: Backend,
    plan: readonly PlannedBlock[],
    private readonly experiment: Experiment,
  ) {
    const outer = outerInitialisation(experiment)
    this.input = inputShape(experiment)
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
    this.program = createProgram(backend)
    const define = (mode: Mode) => this.program.define(mode, (inputs) => this.step(mode, inputs))
    this.steps = { step: define('step'), 'probed step': define('probed step'), look: define('look') }
  }

  /** As `run`; networks that are all beyond repair are not computed any more, and show their last numbers. */
  advance(mode: Mode, x: Float32Array, y: Float32Array): Float32Array {
    if (this.lost) return this.lost
    const started = performance.now()
    const values = this.run(mode, x, y)
    // Only a probed step's numbers can stand for all later ones.
    if (mode !== 'step' && this.losses(values).every((loss) => !Number.isFinite(loss))) this.lost = values
    this.milliseconds += performance.now() - started
    return values
  }

  /** Runs one step on a batch, x [B, 40] and one-hot y [B, 10]; gives the step's statistics (see `frame`). */
  private run(mode: Mode, x: Float32Array, y: Float32Array): Float32Array {
    const { tf } = this.backend
    const { batch, learningRate } = this.experiment
    const inputs = [
      this.samples(x),
      tf.tensor(y, [1, batch, CLASSES]),
      tf.scalar(learningRate),
      ...this.drawNoise(),
    ]
    const [statistics] = this.steps[mode](inputs)
    const values = statistics.dataSync() as Float32Array
    tf.dispose([...inputs, statistics])
    return values
  }

  /** Loss of each replica: the first R numbers of a step's statistics. */
  losses(values: Float32Array): Float32Array {
    return values.subarray(0, this.experiment.replicas)
  }

  /**
   * A probed step's numbers: loss, accuracy, then q, v, m, mean squared gradient of h_0..h_L, then weight
   * gradients of blocks 1..L.
   */
  frame(values: Float32Array): TrainFrame['series'][number] {
    const { replicas, blocks } = this.experiment
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
    return frame
  }

  /**
   * Loss and share of wrong answers of each replica, in evaluation: noise is its mean, batch statistics are
   * these samples'. Block by block.
   */
  evaluate(x: Float32Array, y: Float32Array): { loss: Float32Array; error: Float32Array } {
    const { tf } = this.backend
    return tf.tidy(() => {
      let h = this.enter(x)
      for (const layer of this.blocks) {
        const next = this.passBlock(layer, h)
        h.dispose()
        h = next
      }
      const { loss, error } = this.classify(h, y)
      return { loss, error }
    })
  }

  /** From h_L, in evaluation: the logits [R, B, 10], which are the caller's, and what they are worth. */
  classify(h: Tensor, y: Float32Array): { logits: Tensor; loss: Float32Array; error: Float32Array } {
    const { tf } = this.backend
    const [logits, loss, accuracy] = tf.tidy(() => {
      const out = this.logits(this.head ? this.passBlock(this.head, h) : h)
      const labels = tf.tensor(y, [1, y.length / CLASSES, CLASSES])
      const found = crossEntropy(this.backend, out, labels, this.experiment.replicas)
      return [out, found.loss, found.accuracy]
    })
    const losses = loss.dataSync() as Float32Array
    const right = accuracy.dataSync() as Float32Array
    tf.dispose([loss, accuracy])
    return {
      logits,
      loss: losses,
      error: right.map((share, r) => (Number.isFinite(losses[r]) ? 1 - share : NaN)),
    }
  }

  /** h_0 of samples, in evaluation; for reports. */
  enter(x: Float32Array): Tensor {
    const { tf } = this.backend
    return tf.tidy(() => {
      const tiled = tf.tile(this.samples(x), [this.experiment.replicas, 1, 1])
      return forwardPlanned(tf, this.stem.planned, tiled, this.expected(this.stem)).output
    })
  }

  /** One layer of blocks, in evaluation. */
  passBlock(layer: Layer, h: Tensor): Tensor {
    const { tf } = this.backend
    return tf.tidy(() => forwardPlanned(tf, layer.planned, h, this.expected(layer)).output)
  }

  /**
   * Parameters as the interpreter wants them, noise at its mean; what is not learned is the caller's to
   * dispose (call it in a tidy).
   */
  expected({ sources }: Layer): Tensor[] {
    return sources.map(({ place, variable }) => variable ?? this.constant(place))
  }

  /** The first replica. */
  trained(): TrainedWeights {
    const { tf } = this.backend
    tf.engine().startScope('trained')
    try {
      const [weight, bias] = this.output.map((variable) => this.firstOf(variable))
      return {
        stem: this.trainedLayer(this.stem),
        blocks: this.blocks.map((layer) => this.trainedLayer(layer)),
        head: this.head ? this.trainedLayer(this.head) : [],
        output: { weight, bias },
      }
    } finally {
      tf.engine().endScope()
    }
  }

  private trainedLayer({ sources }: Layer): TrainedBlock {
    const byNode = new Map<string, TrainedArray[]>()
    for (const { place, variable } of sources) {
      const one = this.firstOf(variable ?? this.constant(place))
      byNode.set(place.node, [...(byNode.get(place.node) ?? []), one])
    }
    return [...byNode].map(([node, parameters]) => ({ node, parameters }))
  }

  private firstOf(tensor: Tensor): TrainedArray {
    const [, rows, columns] = tensor.shape as [number, number, number]
    const values = this.backend.tf.slice(tensor, [0, 0, 0], [1, rows, columns]).dataSync()
    return { shape: [rows, columns], values: [...values] }
  }

  /** How many numbers one replica learns. */
  get size(): number {
    return this.variables().reduce((sum, { size }) => sum + size, 0) / this.experiment.replicas
  }

  dispose(): void {
    this.program.dispose()
    ;[...this.variables(), ...this.velocities.values()].forEach((variable) => variable.dispose())
  }

  private variables(): Variable[] {
    const layers = [this.stem, ...this.blocks, ...(this.head ? [this.head] : [])]
    return [...this.output, ...layers.flatMap(({ sources }) => sources.flatMap((one) => one.variable ?? []))]
  }

  private samples(x: Float32Array): Tensor {
    const { units } = this.input
    return this.backend.tf.tensor(x, [1, (x.length / MNIST1D_LENGTH) * positions(this.input), units])
  }

  /** What a parameter is that is not learned, the same for all replicas; of noise its mean. */
  private constant(place: ParameterPlace): Tensor {
    const { tf } = this.backend
    if (place.role === 'noise') return tf.fill([1, 1, 1], expectedNoise(place))
    return tf.fill([1, ...place.shape], place.initial ?? 0)
  }

  private layer(
    planned: PlannedBlock,
    block: number,
    how: Pick<Experiment, 'init' | 'gain' | 'seed'>,
    stream?: Stream,
  ): Layer {
    const places = blockParameters(planned.graph, planned.place, { block, depth: this.experiment.blocks })
    const source = (place: ParameterPlace): Source => ({
      place,
      variable: isLearned(place) ? this.draw(place, block, how, stream) : null,
    })
    return { planned, sources: places.map(source) }
  }

  private draw(
    place: ParameterPlace,
    k: number,
    how: Pick<Experiment, 'init' | 'gain' | 'seed'>,
    stream?: Stream,
  ): Variable {
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

  /** All noise of one step, block by block; the inputs of the step after the first three. */
  private drawNoise(): Tensor[] {
    const { tf } = this.backend
    const { seed, batch, replicas } = this.experiment
    const pass = ++this.pass
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

  /** Logits of h_L (or what follows it): mean over positions, then the linear layer. */
  private logits(top: Tensor): Tensor {
    const { tf } = this.backend
    return tf.add(tf.matMul(pooled(tf, top, positions(this.top)), this.output[0]), this.output[1])
  }

  /** The step as plain TensorFlow.js: forward, backward by the operations' own derivatives, update, statistics. */
  private step(mode: Mode, [x, y, rate, ...noise]: Tensor[]): Tensor[] {
    const { tf } = this.backend
    const { replicas } = this.experiment
    const flat = (layer: Layer) =>
      layer.sources.map(
        ({ place, variable }) => variable ?? (place.role === 'noise' ? noise.shift()! : this.constant(place)),
      )
    const forward = (layer: Layer, h: Tensor) => {
      const parameters = flat(layer)
      return { layer, parameters, trace: forwardPlanned(tf, layer.planned, h, parameters) }
    }
    const updates: [Variable, Tensor][] = []
    const backward = ({ layer, parameters, trace }: ReturnType<typeof forward>, gradient: Tensor) => {
      const back = backwardPlanned(tf, layer.planned, trace, gradient, parameters)
      updates.push(...learnedGradients(layer, back.parameters))
      return back
    }
    const stem = forward(this.stem, tf.tile(x, [replicas, 1, 1]))
    const streams = [stem.trace.output]
    const passes = this.blocks.map((layer) => {
      const pass = forward(layer, streams[streams.length - 1])
      streams.push(pass.trace.output)
      return pass
    })
    const last = streams[streams.length - 1]
    const head = this.head && forward(this.head, last)
    const grid = positions(this.top)
    const features = pooled(tf, head ? head.trace.output : last, grid)
    const logits = tf.add(tf.matMul(features, this.output[0]), this.output[1])
    const { loss, accuracy, gradient: logitGradient } = crossEntropy(this.backend, logits, y, replicas)
    updates.push(
      [this.output[0], tf.matMul(features, logitGradient, true, false)],
      [this.output[1], tf.sum(logitGradient, 1, true)],
    )
    const spread = unpooled(tf, tf.matMul(logitGradient, this.output[0] as Tensor, false, true), grid)
    const gradients = [head ? backward(head, spread).input : spread]
    const weightNorms: Tensor[] = []
    for (const pass of [...passes].reverse()) {
      const back = backward(pass, gradients[0])
      gradients.unshift(back.input)
      if (mode !== 'step') {
        const ofWeights = linearNodes(pass.layer.planned.graph).flatMap(
          (id) => back.parameters.get(id)?.slice(0, 1) ?? [],
        )
        weightNorms.unshift(weightGradientSquare(tf, ofWeights, replicas))
      }
    }
    backward(stem, gradients[0])
    if (mode !== 'look') this.update(updates, rate)
    if (mode === 'step') return [tf.concat([loss, accuracy])]
    const meanSquare = fastMeanSquare(tf)
    const forwardParts = streams.flatMap((h) => moments(tf, h, meanSquare))
    const backwardParts = gradients.map(meanSquare)
    return [tf.concat([loss, accuracy, ...forwardParts, ...backwardParts, ...weightNorms])]
  }

  private update(updates: [Variable, Tensor][], rate: Tensor): void {
    const { tf } = this.backend
    const momentum = tf.scalar(this.experiment.momentum)
    for (const [variable, gradient] of updates) {
      const velocity = this.velocities.get(variable)
      const direction = velocity ? tf.add(tf.mul(velocity, momentum), gradient) : gradient
      velocity?.assign(direction as Variable)
      variable.assign(tf.sub(variable, tf.mul(direction, rate)) as Variable)
    }
  }
}

/** Each learned parameter with its gradient; nodes that the output does not depend on have none. */
function learnedGradients({ sources }: Layer, gradients: Map<string, Tensor[]>): [Variable, Tensor][] {
  const left = new Map([...gradients].map(([node, list]) => [node, [...list]]))
  return sources.flatMap(({ place, variable }): [Variable, Tensor][] => {
    const gradient = variable && left.get(place.node)?.shift()
    return gradient ? [[variable, gradient]] : []
  })
}
