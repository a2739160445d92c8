/** The lab's side of the bench: the class that trains. peers.py is the other side, and speaks the same protocol. */
import { createInterface } from 'node:readline'
import { ensureTensorFlow, progressPrinter } from '../main/runtime'
import { loadBackend } from '../main/trainer/backend'
import { writeSafetensors, type ArraySource } from '../main/trainer/engine/checkpoint/safetensors'
import type { LaterSource } from '../main/trainer/engine/checkpoint/safetensors-format'
import { FramePace } from '../main/trainer/engine/frame-pace'
import { prepareSeries } from '../main/trainer/engine/prepared-series'
import { TrainableSeries } from '../main/trainer/engine/trainable-series'
import { Training } from '../main/trainer/engine/training'
import { Batches } from '../main/trainer/engine/training-batches'
import type { Mode } from '../main/trainer/engine/training-step'
import { WholeSteps } from '../main/trainer/engine/training-steps'
import { convolutional } from '../shared/block/convolutional'
import { presetNamed } from '../shared/block/presets'
import { valuesOf, type DataDescription, type DataSet } from '../shared/data/description'
import { readKeptData } from '../shared/data/samples'
import { trainingExperiment } from '../shared/experiment/experiment'
import { networkNamed } from '../shared/experiment/preset-networks'
import { Random } from '../shared/numerics/random'
import type { Experiment } from '../shared/settings/experiment'
import { defaultExperiment } from '../shared/settings/table'

interface Setup {
  networks: number
  blocks: number
  width: number
  batch: number
  rate: number
  momentum: number
  /** Batches that the peers are given, and that come again and again. */
  batches: number
  file: string
  /** What is compared: its label, or null for all. */
  only: string | null
}

/** Five series of one shape: remedies that scale, and change no shape. */
const FIVE = ['none', 'rsqrt2', 'rsqrt-depth', 'skipinit', 'rezero']

const { library, reason } = await ensureTensorFlow(progressPrinter(process.stderr))
if (!library) throw new Error(`The bench needs the native library: ${reason}`)
const backend = loadBackend({ library })

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const setup = JSON.parse((await lines.next()).value) as Setup
const { networks, blocks, width, batch, rate, momentum, only } = setup
const isAsked = (label: string) => only === null || only === label

const experimentOf = (trainReplicas: number, remedies: string[]): Experiment =>
  trainingExperiment({
    ...defaultExperiment(),
    ...{ block: ['relu-linear'], compare: [], remedies, trainReplicas },
    ...{ blocks, width, batch, learningRate: rate, momentum, optimizer: 'sgd' },
  })

/** ResNet-20 (He et al. 2015): nine blocks of two convolutions, 16, 32 and 64 channels; of one image or sequence. */
const resnet = (dimensions: 1 | 2, changes: Partial<Experiment>): Experiment =>
  trainingExperiment({
    ...experimentOf(1, ['none']),
    ...networkNamed('resnet20-cifar').changes,
    ...{ block: [convolutional(presetNamed('original'), dimensions)], batch, replicas: 1, trainReplicas: 1 },
    ...changes,
  })

/** Images of noise: what a step costs does not depend on what is to be seen. */
function imagesOf(name: string, units: number, rows: number): Partial<Experiment> {
  const title = `images of ${rows} × ${rows} × ${units}`
  const ownData: DataDescription = {
    ...{ name, title, definition: title, source: 'random numbers', licence: 'none', origin: 'own' },
    ...{ shape: { units, rows, columns: rows }, classes: 10, training: setup.batches * batch, test: 10 },
  }
  return { data: name, ownData, input: 'data-grid' }
}

const made = new Map<string, DataSet>()
readKeptData((description) => {
  // The program holds one large set at a time; here two take turns.
  const known = made.get(description.name)
  if (known) return known
  const part = (samples: number, key: number) => {
    const random = new Random(1, key)
    return {
      x: Float32Array.from({ length: samples * valuesOf(description) }, () => random.normal()),
      y: Uint8Array.from({ length: samples }, (_, i) => i % description.classes),
    }
  }
  const parts = { training: part(description.training, 1), test: part(description.test, 2) }
  const data = { description, ...parts, scale: null }
  made.set(description.name, data)
  return data
})

const residual = new Map([
  ['resnet', resnet(1, { input: 'sequence' })],
  ['images28', resnet(2, imagesOf('images28', 1, 28))],
  ['images32', resnet(2, imagesOf('images32', 3, 32))],
])

// What the process itself needs to begin is no part of a training's start.
await start({ ...experimentOf(1, ['rsqrt2']), blocks: 1, width: 8 })
const starts = only === null && {
  one: await start(experimentOf(1, ['rsqrt2'])),
  n: await start(experimentOf(networks, ['rsqrt2'])),
  five: await start(experimentOf(networks / FIVE.length, FIVE)),
}
await writeProblem()
const variants = new Map([
  ...(await variantsOf('1', experimentOf(1, ['rsqrt2']))),
  ...(await variantsOf('n', experimentOf(networks, ['rsqrt2']))),
  ...(await variantsOf('five', experimentOf(networks / FIVE.length, FIVE))),
])
for (const [label, experiment] of residual) {
  for (const [name, step] of (await variantsOf(label, experiment)).slice(0, 1)) variants.set(name, step)
}
answer({ variants: [...variants.keys()], device: backend.device.description, starts })
for await (const line of lines) {
  const { variant, steps, seconds } = JSON.parse(line) as {
    variant: string
    steps?: number
    seconds?: number
  }
  answer(await measure(variants.get(variant)!, steps ?? Infinity, seconds ?? Infinity))
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/** Seconds from nothing to the first picture, and to where the first step is done. */
async function start(experiment: Experiment): Promise<{ frame: number; step: number }> {
  const begun = performance.now()
  const seconds = () => (performance.now() - begun) / 1000
  const training = new Training(backend, experiment, prepareSeries(experiment), () => {})
  let frame = NaN
  await training.record(() => (frame = seconds()))
  await training.advance(false)
  const step = seconds()
  training.dispose()
  return { frame, step }
}

/** What the peers start from: all networks' parameters before the first step, and the first batches. */
async function writeProblem(): Promise<void> {
  const experiment = experimentOf(networks, ['rsqrt2'])
  const [prepared] = prepareSeries(experiment)
  const series = new TrainableSeries(backend, prepared, { ...experiment, momentum: 0 })
  const others = [...residual].map(([label, own]) => {
    const [ofIt] = prepareSeries(own)
    return { label, own, series: new TrainableSeries(backend, ofIt, { ...own, momentum: 0 }) }
  })
  const prefixes = others.map(({ label }) => `${label}.`)
  writeSafetensors(setup.file, new Map(), [
    ...(await readNow([series, ...others.map((other) => other.series)], ['', ...prefixes])),
    ...batchArrays('', experiment),
    ...others.flatMap(({ own }, i) => batchArrays(prefixes[i], own)),
  ])
  series.dispose()
  others.forEach((other) => other.series.dispose())
}

/** Networks' parameters, read. */
async function readNow(all: readonly TrainableSeries[], prefixes: string[]): Promise<ArraySource[]> {
  const read = async ({ name, shape, values }: LaterSource) => {
    const own = await values()
    return { name, shape, values: () => own }
  }
  return Promise.all(all.flatMap((series, i) => series.arrays(prefixes[i]).map(read)))
}

/** The first batches: samples row by row, and the labels' shares. */
function batchArrays(prefix: string, experiment: Experiment) {
  const batches = new Batches(experiment)
  return Array.from({ length: setup.batches }, (_, i) => batches.at(i)).flatMap(({ x, y }, i) => [
    { name: `${prefix}x${i}`, shape: [batch, x.length / batch], values: () => x },
    { name: `${prefix}y${i}`, shape: [batch, y.length / batch], values: () => y },
  ])
}

async function measure(step: () => Promise<number[]>, steps: number, seconds: number) {
  const times: number[] = []
  let losses: number[] = []
  const end = performance.now() + 1000 * seconds
  while (times.length < steps && performance.now() < end) {
    const before = performance.now()
    losses = await step()
    times.push(performance.now() - before)
  }
  return { times, losses }
}

async function variantsOf(
  label: string,
  experiment: Experiment,
): Promise<[string, () => Promise<number[]>][]> {
  if (!isAsked(label)) return []
  const batches = new Batches(experiment)
  const stepping = async (choose: (now: number) => Mode, pace = new FramePace()) => {
    const series = prepareSeries(experiment).map((one) => new TrainableSeries(backend, one, experiment))
    const steps = new WholeSteps(series.map(({ parameters }) => parameters))
    const { x, y } = batches.at(0)
    for (const mode of ['step', 'probed step'] as const) await steps.record(mode, x, y)
    let done = 0
    return async () => {
      const own = batches.at(done % setup.batches)
      const now = performance.now()
      const mode = choose(now)
      const values = await steps.run(mode, own.x, own.y, done)
      const losses = series.flatMap((one, i) => [...one.losses(values[i])])
      pace.took(performance.now() - now, mode === 'probed step', now)
      done++
      return losses
    }
  }
  const pace = new FramePace()
  const watched = (now: number): Mode => (pace.isDue(now) ? 'probed step' : 'step')
  return [
    [`${label} Residual Lab`, await stepping(() => 'step')],
    [`${label} Residual Lab, with frames`, await stepping(watched, pace)],
    [`${label} Residual Lab, probed at each step`, await stepping(() => 'probed step')],
  ]
}
