import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { DATA_SETS } from '../../shared/data/data-sets'
import { dataFigures } from '../../shared/data/figures'
import { dataSetOf } from '../../shared/data/samples'
import { sliceOf } from '../../shared/data/slice'
import { withoutSkip } from '../../shared/block/presets'
import { parseExperiment, trainingExperiment } from '../../shared/experiment/experiment'
import { seriesOf } from '../../shared/network/series'
import type { Experiment } from '../../shared/settings/experiment'
import { DEFAULT_HOST_SETTINGS, parseHostSettings } from '../../shared/protocol/host-settings'
import {
  decodeMessage,
  encodeMessage,
  parseRequest,
  type DeviceStatus,
  type LabEvent,
  type MachineFacts,
  type Notice,
  type Request,
  type RuntimeReply,
  type TrainFrame,
} from '../../shared/protocol/protocol'
import type { SeriesHeader } from '../../shared/theory/series'
import type { SeriesResult } from '../../shared/signal/results'
import { remedyNamed } from '../../shared/block/remedies'
import { emptySummary, setPoint, summarisePoint, type Summary } from '../../shared/numerics/statistics'
import { planNetwork } from '../../shared/network/plan'
import { normalInput } from '../../shared/theory/input'
import { theoryOf } from '../../shared/theory/theory'
import { noEvaluations, outcomeAt } from '../../shared/network/results'
import { evaluationInterval, learningRateAt } from '../../shared/network/schedule'
import type { Queue, QueueWork } from '../../shared/queue/entry'
import type { RunEntry } from '../../shared/runs/run'
import { keptPoints } from '../../shared/sweep/kept'
import { screenSweep } from '../../shared/sweep/screen-plan'
import { standInDepths } from './stand-in-depth'
import { StandInQueue } from './stand-in-queue'
import { StandInRuns } from './stand-in-runs'
import type { JobBody } from '../../shared/protocol/jobs'
import { recordedAnswer, type RecordedAnswer } from './recorded'

/**
 * A host without TensorFlow, for developing and testing the renderer alone: it speaks the protocol, and its
 * "measurements" are theory with log-normal noise. Never part of the product.
 */
export function attachStandIn(server: Server, options: StandInOptions = {}): void {
  const sockets = new WebSocketServer({ noServer: true })
  const runs = options.runs ?? new StandInRuns()
  const telling = (connections: () => Iterable<WebSocket>) => (changed: RunEntry[], gone: string[]) => {
    const notice = encodeMessage({ kind: 'notice', type: 'runs', changed, gone })
    for (const connection of connections()) connection.send(notice)
  }
  runs.tell = telling(() => sockets.clients)
  // Where every page is a first start, it has a library of its own.
  const runsOf = (connection: WebSocket) => {
    if (options.remembers !== false) return runs
    const own = runs.emptied()
    own.tell = telling(() => [connection])
    return own
  }
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== '/lab') return
    sockets.handleUpgrade(request, socket, head, (connection) =>
      serve(connection, { ...DEFAULTS, ...options, runs: runsOf(connection) }),
    )
  })
}

export interface StandInOptions {
  device?: DeviceStatus
  /** What every page is told first: a trainer that is starting, or that failed. */
  notice?: Notice | null
  /** What the host says of how it was started. */
  warning?: string | null
  /** Milliseconds between events. */
  pace?: number
  /** Seconds that every run says it took; null: what it took. */
  seconds?: number | null
  /** Whether a page finds the workspace that the last one saved. */
  remembers?: boolean
  /** The library of runs; one of its own where it is left out. */
  runs?: StandInRuns
  /** What every page finds in its queue; null: nothing. */
  queue?: Queue | null
}

const DEFAULTS = {
  device: {
    backend: 'tensorflow',
    name: 'CPU',
    version: '2.21.0',
    description: 'CPU, TensorFlow 2.21.0',
    note: null,
  } as DeviceStatus,
  notice: null as Notice | null,
  warning: null as string | null,
  pace: 2,
  seconds: null as number | null,
  remembers: true,
  queue: null as Queue | null,
}

const FLOAT32_LARGEST = 3.4e38
let workspace: Record<string, unknown> | null = null
let settings = { ...DEFAULT_HOST_SETTINGS, welcomed: true }

const RUNTIME: RuntimeReply = {
  library: {
    path: '/home/ada/.cache/residual-lab/runtime/lib',
    version: '2.21.0',
    source: 'wheel',
    device: 'cpu',
  },
  problem: null,
  hint: null,
  cacheFolder: '/home/ada/.cache/residual-lab',
  offer: { sources: [], file: null, freeBytes: null, problem: null },
  gpu: {
    ...{ parts: [], downloadBytes: 0, toComeBytes: 0, diskBytes: 0 },
    ...{ driver: null, gpus: [], problem: 'There is no NVIDIA driver here.' },
  },
  installing: null,
}

const MACHINE: MachineFacts = {
  cores: 2,
  memory: { bytes: 16 * 2 ** 30, free: 12 * 2 ** 30, of: 'machine' },
  noGpu: 'There is no NVIDIA GPU here: the system has no driver of one.',
  gpus: [],
  deviceFrom: null,
  gpuFrom: null,
  threadsFrom: null,
}

interface Job {
  paused: boolean
  steps: number
  stopped: boolean
}

function serve(socket: WebSocket, options: Required<StandInOptions>) {
  const jobs = new Map<string, Job>()
  const queue = new StandInQueue(
    (notice) => socket.send(encodeMessage(notice)),
    (work) => sweep(work, options),
    options.queue ?? undefined,
  )
  if (options.notice) socket.send(encodeMessage(options.notice))
  socket.on('message', (data) => {
    const request = parseRequest(decodeMessage(String(data)))
    void answer(request, socket, jobs, queue, options).catch((error: Error) => {
      const reason = error.name === 'InputError' ? 'input' : 'failed'
      socket.send(encodeMessage({ kind: 'error', id: request.id, error: { message: error.message, reason } }))
    })
  })
}

async function answer(
  { id, body }: Request,
  socket: WebSocket,
  jobs: Map<string, Job>,
  queue: StandInQueue,
  options: Required<StandInOptions>,
) {
  const reply = (value: unknown) => socket.send(encodeMessage({ kind: 'reply', id, value }))
  const event = (one: LabEvent) => socket.send(encodeMessage({ kind: 'event', id, event: one }))
  const kept = (job: JobBody, started: unknown, result: { seconds: number }) =>
    job.keep
      ? options.runs.keep(
          job.type,
          parseExperiment(job.experiment),
          { started, result, seconds: result.seconds },
          job.sweep ? { sweep: job.sweep } : {},
        )
      : undefined
  const replay = (job: JobBody, recorded: RecordedAnswer) => {
    recorded.events.forEach(event)
    const started = recorded.events.find((one) => 'device' in one)
    reply({ ...recorded.reply, run: kept(job, started, recorded.reply as { seconds: number }) })
  }
  switch (body.type) {
    case 'hello':
      return reply({
        ...{ host: 'browser', version: '0.1.0', platform: 'linux' },
        ...{ device: options.device, warning: options.warning },
      })
    case 'settings.load':
      return reply({
        settings,
        problem: null,
        machine: MACHINE,
        folder: '/home/ada/.local/share/residual-lab',
        releases: null,
      })
    case 'settings.save':
      settings = parseHostSettings(body.changes, 'settings', settings)
      return reply({ settings, restart: null })
    case 'runtime.status':
      return reply(RUNTIME)
    case 'data.list':
      return reply({
        data: DATA_SETS.map(({ make, ...one }) => ({ ...one, here: make !== null })),
        getting: {},
      })
    case 'data.figures':
      return reply(dataFigures(dataSetOf({ data: body.data })))
    case 'data.samples':
      return reply(sliceOf(dataSetOf({ data: body.data }), body))
    case 'diagnostics':
      return reply({
        text: 'Residual Lab 0.1.0',
        folder: '/home/ada',
        about: ['Residual Lab 0.1.0, MIT licence'],
      })
    case 'about.text':
      return reply({ text: 'MIT License', from: '/usr/share/LICENSE.txt', problem: null })
    case 'workspace.load':
      return reply({
        document: options.remembers ? workspace : null,
        revision: options.remembers && workspace ? 'stand-in' : null,
        problem: null,
        undecided: false,
      })
    case 'workspace.save':
      workspace = body.document
      return reply({ revision: 'stand-in', kept: null })
    case 'signal':
    case 'train': {
      const job = { paused: false, steps: 0, stopped: false }
      jobs.set(id, job)
      const recorded = body.type === 'signal' ? recordedAnswer(body) : null
      if (recorded) return replay(body, recorded)
      const experiment = parseExperiment(body.experiment)
      const result =
        body.type === 'signal'
          ? await measure(experiment, options, job, event)
          : await train(trainingExperiment(experiment), options, job, event)
      const seconds = options.seconds ?? result.seconds
      const started = { type: 'started', device: options.device, experiment, series: result.series }
      const run = kept(body, started, { ...result, seconds })
      return reply({ ...result, seconds, run })
    }
    case 'shatter':
    case 'lesion': {
      const recorded = recordedAnswer(body)
      if (recorded) return replay(body, recorded)
      throw new Error(
        `The stand-in host knows only the ${body.type} that its view opens on; ` +
          'test/renderer/fixtures/record.mjs records it.',
      )
    }
    case 'depth': {
      const experiment = parseExperiment(body.experiment)
      const result = standInDepths(experiment, options.device, event)
      const seconds = options.seconds ?? 100
      const run = body.keep
        ? options.runs.keep('depth', experiment, { started: null, result, seconds })
        : undefined
      return reply({ ...result, seconds, run })
    }
    case 'queue.list':
    case 'queue.add':
    case 'queue.pause':
    case 'queue.resume':
    case 'queue.move':
    case 'queue.priority':
    case 'queue.remove':
    case 'queue.restore':
      return reply(queue.answer(body))
    case 'runs.list':
      return reply(options.runs.list)
    case 'runs.open':
      return reply(options.runs.open(body.run))
    case 'runs.change': {
      const { type: _, run, ...changes } = body
      return reply(options.runs.change(run, changes))
    }
    case 'runs.remove':
    case 'runs.restore': {
      const removed = body.type === 'runs.remove' ? new Date().toISOString() : null
      return reply(body.runs.map((run) => options.runs.change(run, { removed })))
    }
    case 'runs.keep': {
      const { kind, started, result, seconds } = body
      return reply(options.runs.keep(kind, parseExperiment(body.experiment), { started, result, seconds }))
    }
    case 'runs.empty':
      return reply(options.runs.empty())
    case 'runs.verify':
      return reply(options.runs.verify(body.run))
    case 'control': {
      const job = jobs.get(body.job)
      if (job && body.action === 'pause') job.paused = true
      if (job && body.action === 'resume') job.paused = false
      if (job && body.action === 'step') Object.assign(job, { paused: true, steps: job.steps + 1 })
      if (job && body.action === 'stop') job.stopped = true
      return reply(null)
    }
    default:
      throw new Error(`The stand-in does not know ${body.type}.`)
  }
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function turn(job: Job, pace: number): Promise<void> {
  if (pace > 0) await wait(pace)
  while (job.paused && !job.stopped && job.steps === 0) await wait(10)
  if (job.steps > 0) job.steps--
}

function headersOf(experiment: Experiment): SeriesHeader[] {
  return seriesOf(experiment).map(({ block, remedy }) => {
    const base = experiment.skip === 'off' ? withoutSkip(block) : block
    const { graph, note } = remedyNamed(remedy).apply(base, { depth: experiment.blocks })
    const plan = planNetwork({ graph, remedy }, experiment)
    const theory = theoryOf(plan, experiment, normalInput(experiment.stem))
    return { block: block.name, blockTitle: block.title, remedy, note, graph, theory }
  })
}

/** Measures the points of a sweep that the library does not hold. */
async function sweep(work: QueueWork, options: Required<StandInOptions>) {
  if (work.kind !== 'sweep') return
  const { id, points } = screenSweep(parseExperiment(work.experiment))
  const kept = keptPoints(options.runs.list.runs, id)
  for (const point of points) {
    if (kept(point).done) continue
    const { index, key, settings, experiment } = point
    const job = { paused: false, steps: 0, stopped: false }
    const result = await measure(experiment, options, job, () => {})
    const started = { type: 'started', device: options.device, experiment, series: result.series }
    const of = { id, name: null, index, points: points.length, key, settings }
    const seconds = options.seconds ?? result.seconds
    options.runs.keep('signal', experiment, { started, result, seconds }, { sweep: of })
  }
}

async function measure(
  experiment: Experiment,
  options: Required<StandInOptions>,
  job: Job,
  event: (one: LabEvent) => void,
) {
  const start = performance.now()
  const series = headersOf(experiment)
  event({ type: 'started', device: options.device, experiment, series })
  const results: SeriesResult[] = series.map((header) => ({
    ...header,
    ...simulate(header, experiment, 0),
    weightGradientNorm2: emptySummary(experiment.blocks),
    seconds: 0,
  }))
  const length = experiment.blocks + 1
  const total = 2 * length * series.length
  let done = 0
  for (const [s, result] of results.entries()) {
    for (const direction of ['forward', 'backward'] as const) {
      for (let i = 0; i < length; i++) {
        await turn(job, length > 200 ? 0 : options.pace)
        if (job.stopped)
          return { finished: false, series: results, seconds: (performance.now() - start) / 1000 }
        const block = direction === 'forward' ? i : length - 1 - i
        const at = (summary: Summary) => ({
          mean: summary.mean[block],
          median: summary.median[block],
          low: summary.low[block],
          high: summary.high[block],
        })
        if (direction === 'forward') {
          const point = {
            q: at(result.q),
            v: at(result.v),
            m: at(result.m),
            zeros: block ? 0.5 : null,
            correlation: 0.3,
            histogram: bell(),
          }
          event({ type: 'forward', series: s, block, point })
          if (!Number.isFinite(point.q.mean) && Number.isFinite(result.q.mean[block - 1])) {
            const before = result.q.mean[block - 1]
            event({
              type: 'non-finite',
              series: s,
              quantity: 'mean square',
              block,
              operation: 'mean square of h',
              before,
              replicas: 20,
            })
          }
        } else
          event({
            type: 'backward',
            series: s,
            block,
            point: { p: at(result.p), weightGradientNorm2: block ? at(result.p) : null },
          })
        done++
        event({
          type: 'progress',
          message: 'Measuring',
          done,
          total,
          rate: 500,
          unit: 'blocks',
          secondsLeft: (total - done) / 500,
        })
      }
    }
    if (options.pace === 0 || length > 200) await wait(1)
  }
  return { finished: true, series: results, seconds: (performance.now() - start) / 1000 }
}

async function train(
  experiment: Experiment,
  options: Required<StandInOptions>,
  job: Job,
  event: (one: LabEvent) => void,
) {
  const start = performance.now()
  const series = headersOf(experiment)
  event({ type: 'started', device: options.device, experiment, series })
  const evaluations = series.map(noEvaluations)
  const interval = evaluationInterval(experiment)
  const evaluate = (at: number) => {
    if (evaluations[0].step.at(-1) === at) return
    const learningRate = learningRateAt(at, experiment)
    const found = series.map((_, i) => {
      const outcomes = (ease: number) => {
        const networks = Array.from({ length: experiment.replicas }, (_one, r) => 1 + 0.04 * r)
        const left = Math.exp(-at / (80 + 40 * i))
        const error = networks.map((factor) => (ease + (0.9 - ease) * left) * factor)
        return { loss: error.map((one) => 2.5 * one), error: error.map((one) => Math.min(0.9, one)) }
      }
      return { train: outcomes(0.02), test: outcomes(0.3 + 0.05 * i) }
    })
    found.forEach((one, i) => {
      evaluations[i].step.push(at)
      evaluations[i].learningRate.push(learningRate)
      for (const set of ['train', 'test'] as const)
        for (const metric of ['loss', 'error'] as const) evaluations[i][set][metric].push(one[set][metric])
    })
    event({ type: 'evaluated', step: at, learningRate, series: found })
  }
  const perBlock = (at: number) => {
    const summary = emptySummary(experiment.blocks)
    for (let k = 0; k < experiment.blocks; k++) setPoint(summary, k, point((at * (k + 4)) / 4))
    return summary
  }
  const pause = Math.min(10, options.pace)
  let step = 0
  for (; step <= experiment.steps && !job.stopped; step++) {
    if (pause) await turn(job, pause)
    if (step % interval === 0 || step === experiment.steps) evaluate(step)
    const frame: TrainFrame = {
      type: 'frame',
      step,
      learningRate: learningRateAt(step, experiment),
      series: series.map((header, i) => ({
        ...simulate(header, experiment, step),
        weightGradientNorm2: perBlock(0.04 / (i + 1)),
        updateRatio: perBlock(0.001 * (i + 1)),
        loss: point(2.3 * Math.exp(-step / (80 + 40 * i))),
        accuracy: point(1 - 0.9 * Math.exp(-step / (80 + 40 * i))),
      })),
    }
    event(frame)
    const total = experiment.steps
    event({
      type: 'progress',
      message: 'Training',
      done: step,
      total,
      rate: 90,
      unit: 'steps',
      secondsLeft: (total - step) / 90,
      bytes: 412e6,
    })
  }
  evaluate(step - 1)
  return {
    finished: !job.stopped,
    steps: step - 1,
    series: series.map(({ block, remedy }, i) => ({
      ...{ block, remedy, skip: experiment.skip, parameters: 20_310 },
      evaluations: evaluations[i],
      train: outcomeAt(evaluations[i].train, -1),
      test: outcomeAt(evaluations[i].test, -1),
      ...{ failure: null, seconds: 1 },
    })),
    frames: [],
    seconds: (performance.now() - start) / 1000,
  }
}

const point = (value: number) => ({ mean: value, median: value, low: 0.9 * value, high: 1.1 * value })

function bell(): number[] {
  return Array.from({ length: 64 }, (_, i) => Math.round(1e4 * Math.exp(-(((i - 31.5) / 8) ** 2) / 2)))
}

/** Each replica strays from theory by a random walk in the logarithm, as finite networks do. */
function simulate(header: SeriesHeader, experiment: Experiment, step: number) {
  const { blocks, width, replicas, seed } = experiment
  const random = generator(seed)
  const spread = Math.sqrt(2.5 / width)
  const paths = Array.from({ length: replicas }, () => {
    let walk = 0
    return Array.from({ length: blocks + 1 }, (_, k) =>
      k ? Math.exp((walk += spread * random() - spread ** 2 / 2)) : 1,
    )
  })
  const drift = (k: number) => Math.exp((-step / 400) * Math.sin(k / 3))
  const summary = (values: number[] | null, from: 'input' | 'top', noise = 1) => {
    const result = emptySummary(blocks + 1)
    for (let k = 0; k <= blocks; k++) {
      const noises = paths.map((path) => path[from === 'input' ? k : blocks - k] ** noise)
      const samples = noises.map((factor) => float32((values?.[k] ?? 1) * factor * drift(k)))
      setPoint(result, k, summarisePoint(samples))
    }
    return result
  }
  const { q, v, m, p } = header.theory
  return { q: summary(q, 'input'), v: summary(v, 'input'), m: summary(m, 'input', 0.5), p: summary(p, 'top') }
}

const float32 = (value: number) => (Math.abs(value) > FLOAT32_LARGEST ? Math.sign(value) * Infinity : value)

/** Standard normal numbers from a seed (mulberry32 and Box-Muller). */
function generator(seed: number): () => number {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
}
