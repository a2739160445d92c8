import type { Backend } from '../backend'
import { MNIST1D_LENGTH, MNIST1D_TRAINING_SAMPLES, type Experiment } from '../../../shared/experiment'
import type { BlockGraph } from '../../../shared/graph'
import { STREAM, blockParameters, drawParameter, type ParameterPlace } from '../../../shared/initialisation'
import { backwardBlock, forwardBlock } from '../../../shared/interpreter'
import type { SeriesHeader, TrainEvent, TrainFrame } from '../../../shared/protocol'
import { Random } from '../../../shared/random'
import { emptySummary, setPoint, summarisePoint } from '../../../shared/statistics'
import { createProgram, type Compiled, type Program } from '../compile'
import { Stopped, checkpoint, isPaused, type ControlBuffer } from './control'
import { findForwardNonFinite } from './first-non-finite'
import { checkMemory, trainMemory } from './memory'
import { gatherBatch, linearNodes, seriesHeaders } from './networks'
import { Progress } from './progress'
import { deviceStatus } from './signal'
import { fastMeanSquare, moments, weightGradientSquare } from './statistics'
import { tensorMath, type Tensor } from './tensor-math'
import { byNode } from './weights'

const CLASSES = 10
/** Frames go to the screen at its rate, not at the step's. */
const FRAME_INTERVAL_MS = 1000 / 15

export interface TrainResult {
  finished: boolean
  steps: number
}

/**
 * Trains the networks of every series side by side, step for step on the same batches, by SGD with momentum (PyTorch's form:
 * velocity = momentum × velocity + gradient; parameter -= rate × velocity) on the cross-entropy of MNIST-1D. Networks: a He linear stem, the
 * blocks, a He linear head, all replicas in one batched computation. A frame holds the statistics before the update that its step counts.
 * @throws InputError when the networks do not fit; a stop is no error
 */
export function trainNetworks(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: TrainEvent) => void,
): TrainResult {
  checkMemory(trainMemory(experiment))
  const headers = seriesHeaders(experiment)
  emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
  const networks: Network[] = []
  let step = 0
  try {
    for (const header of headers) networks.push(new Network(backend, header, experiment))
    const batches = new Batches(experiment)
    const progress = new Progress(experiment.steps, 'steps', emit)
    const failures = new FailureReport(networks, experiment, emit)
    let lastFrame = -Infinity
    for (; step < experiment.steps; step++) {
      const paused = isPaused(control)
      checkpoint(control)
      if (paused) progress.skipTime()
      const { x, y } = batches.next()
      const now = performance.now()
      const probed = now - lastFrame >= FRAME_INTERVAL_MS || paused
      const outputs = networks.map((network) => network.advance(probed ? 'probed step' : 'step', x, y))
      if (probed) {
        lastFrame = now
        emit({ type: 'frame', step, series: outputs.map((values, i) => networks[i].frame(values)) })
      }
      failures.look(step, outputs, x)
      progress.tick(`training, step ${step + 1} of ${experiment.steps}`)
    }
    emit(lastPicture(networks, batches, step))
    return { finished: true, steps: step }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, steps: step }
    throw error
  } finally {
    networks.forEach((network) => network.dispose())
  }
}

/** After the last update: measured on one more batch, without another update. */
function lastPicture(networks: Network[], batches: Batches, step: number): TrainFrame {
  const { x, y } = batches.next()
  return {
    type: 'frame',
    step,
    series: networks.map((network) => network.frame(network.advance('look', x, y))),
  }
}

/** Training samples in a new random order each epoch; the rest that does not fill a batch is left out. */
class Batches {
  private order: Int32Array
  private epoch = 0
  private at = 0

  constructor(private readonly experiment: Pick<Experiment, 'seed' | 'batch'>) {
    this.order = this.shuffled()
  }

  next(): { x: Float32Array; y: Float32Array } {
    const { batch } = this.experiment
    if (this.at + batch > this.order.length) {
      this.epoch++
      this.at = 0
      this.order = this.shuffled()
    }
    const { x, y } = gatherBatch(this.order.subarray(this.at, (this.at += batch)))
    const oneHot = new Float32Array(batch * CLASSES)
    y.forEach((label, i) => (oneHot[i * CLASSES + label] = 1))
    return { x, y: oneHot }
  }

  private shuffled(): Int32Array {
    return new Random(this.experiment.seed, STREAM.batches, this.epoch).permutation(MNIST1D_TRAINING_SAMPLES)
  }
}

type Variable = ReturnType<Backend['tf']['variable']>
type Mode = 'step' | 'probed step' | 'look'

/** All replicas of one series: parameters, velocities, and the compiled steps on them. */
class Network {
  readonly graph: BlockGraph
  readonly blocks: Variable[][] = []
  readonly stem: Variable[]
  private readonly head: Variable[]
  private readonly velocities = new Map<Variable, Variable>()
  private readonly program: Program
  /** The last statistics of networks whose losses are all not finite. */
  private lost: Float32Array | null = null
  private readonly steps: Record<Mode, Compiled>

  constructor(
    readonly backend: Backend,
    header: SeriesHeader,
    private readonly experiment: Experiment,
  ) {
    this.graph = header.graph
    const { width, blocks } = experiment
    // The layers around the blocks are He's whatever the blocks' initialisation: the comparison is between blocks.
    this.stem = this.outerLayer(MNIST1D_LENGTH, width, STREAM.stem)
    this.head = this.outerLayer(width, CLASSES, STREAM.head)
    for (let k = 1; k <= blocks; k++) {
      const places = blockParameters(this.graph, width, { block: k, depth: blocks })
      this.blocks.push(places.map((place) => this.draw(place, k, experiment)))
    }
    this.program = createProgram(backend)
    const define = (mode: Mode) => this.program.define(mode, (inputs) => this.step(mode, inputs))
    this.steps = { step: define('step'), 'probed step': define('probed step'), look: define('look') }
  }

  /** As `run`; networks that are all beyond repair are not computed any more, and show their last numbers. */
  advance(mode: Mode, x: Float32Array, y: Float32Array): Float32Array {
    if (this.lost) return this.lost
    const values = this.run(mode, x, y)
    // Only a probed step's numbers can stand for all later ones.
    if (mode !== 'step' && this.losses(values).every((loss) => !Number.isFinite(loss))) this.lost = values
    return values
  }

  /** Runs one step on a batch, x [B, 40] and one-hot y [B, 10]; gives the step's statistics (see `frame`). */
  private run(mode: Mode, x: Float32Array, y: Float32Array): Float32Array {
    const { tf } = this.backend
    const { batch, learningRate } = this.experiment
    const inputs = [
      tf.tensor(x, [1, batch, MNIST1D_LENGTH]),
      tf.tensor(y, [1, batch, CLASSES]),
      tf.scalar(learningRate),
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

  /** A probed step's numbers: loss, accuracy, then q, v, m, mean squared gradient of h_0..h_L, then weight gradients of blocks 1..L. */
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

  /** h_0 for a batch; for the report of a failure. */
  stream(x: Float32Array): Tensor {
    const { tf } = this.backend
    const input = tf.tensor(x, [1, this.experiment.batch, MNIST1D_LENGTH])
    return tf.add(tf.matMul(input, this.stem[0]), this.stem[1])
  }

  dispose(): void {
    this.program.dispose()
    const own = [...this.stem, ...this.head, ...this.blocks.flat(), ...this.velocities.values()]
    own.forEach((variable) => variable.dispose())
  }

  private outerLayer(fanIn: number, fanOut: number, stream: number): Variable[] {
    const he = { init: 'he', gain: 1, seed: this.experiment.seed } as const
    const place = { fanIn, node: 'outer', ordinal: 0 }
    return [
      this.draw({ ...place, role: 'weight', shape: [fanIn, fanOut] }, 0, he, stream),
      this.draw({ ...place, role: 'bias', shape: [1, fanOut] }, 0, he),
    ]
  }

  private draw(
    place: ParameterPlace,
    k: number,
    how: Pick<Experiment, 'init' | 'gain' | 'seed'>,
    stream?: number,
  ): Variable {
    const { tf } = this.backend
    const { replicas, momentum } = this.experiment
    const shape: [number, number, number] = [replicas, ...place.shape]
    const values = drawParameter(
      new Float32Array(shape[0] * shape[1] * shape[2]),
      place,
      k,
      how,
      replicas,
      stream,
    )
    const variable = tf.tidy(() => tf.variable(tf.tensor(values, shape)))
    if (momentum > 0)
      this.velocities.set(
        variable,
        tf.tidy(() => tf.variable(tf.zeros(shape))),
      )
    return variable
  }

  /** The step as plain TensorFlow.js: forward, backward by the operations' own derivatives, update, statistics. */
  private step(mode: Mode, [x, y, rate]: Tensor[]): Tensor[] {
    const { tf } = this.backend
    const { width, replicas } = this.experiment
    const math = tensorMath(tf)
    const streams = [tf.add(tf.matMul(x, this.stem[0]), this.stem[1])]
    const parameters = this.blocks.map((block) => byNode<Tensor>(this.graph, width, block))
    const traces = parameters.map((own) => {
      const trace = forwardBlock(math, this.graph, own, streams[streams.length - 1])
      streams.push(trace.output)
      return trace
    })
    const top = streams[streams.length - 1]
    const logits = tf.add(tf.matMul(top, this.head[0]), this.head[1])
    const { loss, accuracy, gradient: logitGradient } = crossEntropy(this.backend, logits, y, replicas)
    const updates: [Variable, Tensor][] = [
      [this.head[0], tf.matMul(top, logitGradient, true, false)],
      [this.head[1], tf.sum(logitGradient, 1, true)],
    ]
    const gradients = [tf.matMul(logitGradient, this.head[0] as Tensor, false, true)]
    const weightNorms: Tensor[] = []
    for (let k = traces.length - 1; k >= 0; k--) {
      const back = backwardBlock(math, this.graph, parameters[k], traces[k], gradients[0])
      gradients.unshift(back.input)
      const flat = [...parameters[k].keys()].flatMap((id) => back.parameters.get(id)!)
      this.blocks[k].forEach((variable, i) => updates.push([variable, flat[i]]))
      if (mode !== 'step') {
        const ofWeights = linearNodes(this.graph).map((id) => back.parameters.get(id)![0])
        weightNorms.unshift(weightGradientSquare(tf, ofWeights, replicas))
      }
    }
    updates.push([this.stem[0], tf.matMul(tf.tile(x, [replicas, 1, 1]), gradients[0], true, false)])
    updates.push([this.stem[1], tf.sum(gradients[0], 1, true)])
    if (mode !== 'look') this.update(updates, rate)
    if (mode === 'step') return [tf.concat([loss, accuracy])]
    const meanSquare = fastMeanSquare(tf)
    const forward = streams.flatMap((h) => moments(tf, h, meanSquare))
    const backward = gradients.map(meanSquare)
    return [tf.concat([loss, accuracy, ...forward, ...backward, ...weightNorms])]
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

/** Softmax cross-entropy, mean over the batch, in nats; logits [R, B, 10], one-hot y [1, B, 10]. Gradient with respect to the logits. */
export function crossEntropy({ tf }: Backend, logits: Tensor, y: Tensor, replicas: number) {
  const batch = logits.shape[1]!
  const shifted = tf.sub(logits, tf.max(logits, 2, true))
  const exponentials = tf.exp(shifted)
  const total = tf.sum(exponentials, 2, true)
  const logProbability = tf.sub(shifted, tf.log(total))
  const loss = tf.reshape(tf.neg(tf.div(tf.sum(tf.mul(logProbability, y), [1, 2]), tf.scalar(batch))), [
    replicas,
  ])
  const right = tf.equal(tf.argMax(logits, 2), tf.argMax(y, 2))
  const accuracy = tf.mean(tf.cast(right, 'float32'), 1)
  const gradient = tf.div(tf.sub(tf.div(exponentials, total), y), tf.scalar(batch))
  return { loss, accuracy, gradient }
}

/** Says once per series where and when numbers stopped being finite. */
class FailureReport {
  private readonly reported = new Set<number>()
  private readonly lastLoss: number[]

  constructor(
    private readonly networks: Network[],
    private readonly experiment: Experiment,
    private readonly emit: (event: TrainEvent) => void,
  ) {
    this.lastLoss = networks.map(() => NaN)
  }

  look(step: number, outputs: Float32Array[], x: Float32Array): void {
    outputs.forEach((values, series) => {
      if (this.reported.has(series)) return
      const losses = this.networks[series].losses(values)
      if (losses.every(Number.isFinite)) {
        this.lastLoss[series] = summarisePoint(losses).mean
        return
      }
      this.reported.add(series)
      const found = this.locate(this.networks[series], x, series)
      this.emit({ type: 'non-finite', step, series, replicas: this.experiment.replicas, ...found })
    })
  }

  /** The first parameters, else the first block's output on this batch, that are not finite. */
  private locate(network: Network, x: Float32Array, series: number) {
    const { backend, graph } = network
    const { tf } = backend
    const { width } = this.experiment
    const meanSquare = (h: Tensor) => (tf.mean(tf.square(h)).dataSync() as Float32Array)[0]
    const finite = (tensor: Tensor) => tf.all(tf.isFinite(tensor)).dataSync()[0] === 1
    return tf.tidy(() => {
      const broken = network.blocks.findIndex((parameters) => !parameters.every(finite))
      if (broken >= 0) {
        const operation = 'the update of the weights; the value before is the loss'
        return { block: broken + 1, before: this.lastLoss[series], quantity: 'parameter' as const, operation }
      }
      let h = network.stream(x)
      for (const [i, parameters] of network.blocks.entries()) {
        const { output } = forwardBlock(tensorMath(tf), graph, byNode<Tensor>(graph, width, parameters), h)
        if (!Number.isFinite(meanSquare(output))) {
          return {
            block: i + 1,
            before: meanSquare(h),
            ...findForwardNonFinite(backend, graph, width, h, parameters),
          }
        }
        h = output
      }
      return {
        block: network.blocks.length,
        before: meanSquare(h),
        quantity: 'activation' as const,
        operation: 'the loss',
      }
    })
  }
}
