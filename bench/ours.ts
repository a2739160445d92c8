/** The lab's side of the bench; peers.py is the other, and speaks the same protocol. */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { ensureTensorFlow, progressPrinter } from '../main/runtime'
import { loadBackend } from '../main/trainer/backend'
import { createProgram } from '../main/trainer/compile'
import type { Tensor } from '../main/trainer/compile/native'
import { trainingStep, type Network } from './step'

interface Setup {
  networks: number
  blocks: number
  width: number
  batch: number
  rate: number
  file: string
}

const { library, reason } = await ensureTensorFlow(progressPrinter(process.stderr))
if (!library) throw new Error(`The bench needs the native library: ${reason}`)
const backend = loadBackend({ library })
const { tf } = backend

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const setup = JSON.parse((await lines.next()).value) as Setup
const data = new Float32Array(readFileSync(setup.file).buffer)
const variants = new Map([...variantsOf(1), ...variantsOf(setup.networks)])
answer({ variants: [...variants.keys()], device: backend.device.description })
for await (const line of lines) {
  const { variant, steps, seconds } = JSON.parse(line) as {
    variant: string
    steps?: number
    seconds?: number
  }
  answer(measure(variants.get(variant)!, steps ?? Infinity, seconds ?? Infinity))
}

function answer(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

function measure(
  step: () => number[],
  steps: number,
  seconds: number,
): { times: number[]; losses: number[] } {
  const times: number[] = []
  let losses: number[] = []
  const end = performance.now() + 1000 * seconds
  while (times.length < steps && performance.now() < end) {
    const start = performance.now()
    losses = step()
    times.push(performance.now() - start)
  }
  return { times, losses }
}

function variantsOf(networks: number): [string, () => number[]][] {
  const label = networks === 1 ? '1' : 'n'
  const { inputs, network } = problem(networks)
  const plain = createProgram(backend).define('plain', trainingStep(tf, network(), false))
  const eager = trainingStep(tf, network(), false)
  const shared = network()
  const watched = createProgram(backend)
  const unwatched = watched.define('unwatched', trainingStep(tf, shared, false))
  const probed = watched.define('probed', trainingStep(tf, shared, true))
  const always = createProgram(backend).define('always probed', trainingStep(tf, network(), true))
  let next = 0
  return [
    [`${label} Residual Lab`, () => read(plain(inputs))],
    [`${label} Residual Lab eager`, () => read(tf.tidy(() => eager(inputs)))],
    [
      `${label} Residual Lab, probed at 15 Hz`,
      () => {
        const due = performance.now() >= next
        if (due) next = performance.now() + 1000 / 15
        return read((due ? probed : unwatched)(inputs))
      },
    ],
    [`${label} Residual Lab, probed at each step`, () => read(always(inputs))],
  ]
}

/** Brings all outputs to the host, as a trainer that shows them must. */
function read(outputs: Tensor[]): number[] {
  const [losses] = outputs.map((output) => Array.from(output.dataSync()))
  tf.dispose(outputs)
  return losses!
}

/** The first `networks` of the problem in the file, with or without the axis of networks. */
function problem(networks: number): { inputs: Tensor[]; network: () => Network } {
  const { blocks, width, batch } = setup
  const lead = networks === 1 ? [] : [networks]
  const all = (size: number): number => setup.networks * size
  const take = (offset: number, size: number, shape: number[]): Tensor =>
    tf.tensor(data.slice(offset, offset + networks * size), [...lead, ...shape])
  const end = blocks * all(width * width)
  const x = take(end, batch * width, [batch, width])
  const y = take(end + all(batch * width), batch * width, [batch, width])
  const network = (): Network =>
    tf.tidy(() => ({
      weights: Array.from({ length: blocks }, (_, k) =>
        tf.variable(take(k * all(width * width), width * width, [width, width])),
      ),
      biases: Array.from({ length: blocks }, () => tf.variable(tf.zeros([...lead, 1, width]))),
    }))
  return { inputs: [x, y, tf.scalar(setup.rate)], network }
}
