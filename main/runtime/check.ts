import { ownCommand } from '../files/program'
import { LIMIT_MS } from './check-with-node'
import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { pause, type Context } from './context'
import { cudaEnvironment } from './cuda'
import { RuntimeError, type RunCheck } from './types'

// Plain CommonJS that needs nothing but the binding, because it runs in a process of its own: a library that
// does not fit crashes whatever loads it. In the product of the matrices every entry is different, so that a
// transposed or stale result is noticed. On a GPU the product comes from cuBLAS, the convolution from cuDNN, and the
// elementwise product from TensorFlow's own kernels: each can fail alone.
const CHECK = `
'use strict'
process.on('uncaughtException', (error) => process.stderr.write('\\n' + error + '\\n', () => process.exit(1)))
const tf = require(process.argv[process.argv.length - 1])
const flag = (name, value) => ({ name, type: tf.TF_ATTR_BOOL, value })
const text = (name, value) => ({ name, type: tf.TF_ATTR_STRING, value })
const counts = (name, value) => ({ name, type: tf.TF_ATTR_INT, value })
const tensor = (shape, values) => tf.createTensor(shape, tf.TF_FLOAT, Float32Array.from(values))
const dtype = { name: 'T', type: tf.TF_ATTR_TYPE, value: tf.TF_FLOAT }
const run = (name, attributes, inputs) =>
  Array.from(tf.tensorDataSync(tf.executeOp(name, [...attributes, dtype], inputs, 1)[0].id))
const [a, b] = [tensor([2, 2], [1, 2, 3, 4]), tensor([2, 2], [5, 6, 7, 8])]
const result = run('MatMul', [flag('transpose_a', false), flag('transpose_b', false)], [a, b])
const picture = tensor([1, 3, 3, 1], [1, 2, 3, 4, 5, 6, 7, 8, 9])
const filter = tensor([2, 2, 1, 1], [1, 2, 3, 4])
const steps = [counts('strides', [1, 1, 1, 1]), counts('dilations', [1, 1, 1, 1])]
const places = [text('padding', 'VALID'), text('data_format', 'NHWC'), flag('use_cudnn_on_gpu', true)]
const convolution = run('Conv2D', [...steps, ...places], [picture, filter])
const product = run('Mul', [], [a, b])
// Electron's utility processes do not end by themselves.
const found = { version: tf.TF_Version, gpu: tf.isUsingGpuDevice(), result, convolution, product }
process.stdout.write('\\nCHECK ' + JSON.stringify(found) + '\\n', () => process.exit(0))
`

const ANSWERS = {
  result: { what: '2 x 2 product', value: '19,22,43,50' },
  convolution: { what: '2 x 2 convolution', value: '37,47,67,77' },
  product: { what: 'elementwise product', value: '5,12,21,32' },
} as const

type Answers = { [K in keyof typeof ANSWERS]?: number[] }

export interface Checked {
  version: string
  gpu: boolean
  /** Why it found no GPU, by its own words; null where it says nothing. */
  said: string | null
}

/** Loads the binding in a child process and computes known answers. Throws, with the cause, if that fails. */
export async function checkBinding(context: Context, bindingPath: string, scratch: string): Promise<Checked> {
  const modulePath = path.join(scratch, 'check.cjs')
  await fs.writeFile(modulePath, CHECK)
  const cuda = cudaEnvironment(bindingPath, context.env, context.cacheFolder)
  // Warnings tell which of CUDA's libraries is missing.
  const level = Object.keys(cuda).length > 0 ? '1' : '2'
  const env = { ...context.env, ...cuda, TF_CPP_MIN_LOG_LEVEL: level, TF_FORCE_GPU_ALLOW_GROWTH: 'true' }
  const { code, output } = await limited(
    context.runCheck(modulePath, [bindingPath], env, context.signal),
    context.signal,
  )
  await fs.rm(modulePath, { force: true })
  const line = /CHECK (\{.*\})/.exec(output)
  const found = line ? (JSON.parse(line[1]!) as Checked & Answers) : null
  const wrong = found && wrongAnswer(found)
  if (found && !wrong) return { version: found.version, gpu: found.gpu, said: saidOfGpu(output) }
  const ended = `the process that loaded it ended with code ${code}`
  throw new RuntimeError(
    `TensorFlow's library does not work here: ${wrong || cause(output) || ended}.`,
    `Point at another installation with ${ownCommand('runtime use PATH')}, ` +
      'or remove the cache folder and install again.',
  )
}

function wrongAnswer(found: Answers): string | null {
  for (const key of Object.keys(ANSWERS) as (keyof Answers)[]) {
    const { what, value } = ANSWERS[key]
    if (found[key] && found[key].join() !== value) return `${what} came out as ${found[key].join()}`
  }
  return found.result ? null : 'it did not compute'
}

/** The line of TensorFlow's log that says why no GPU is used. */
function saidOfGpu(output: string): string | null {
  const line = output
    .split('\n')
    .find((text) => /Could not load dynamic library|cuInit|CUDA (?:Runtime )?error/.test(text))
  return (
    line
      ?.replace(/^.*?\] /, '')
      .trim()
      .replace(/\.$/, '') ?? null
  )
}

/** A library that hangs while it loads must not hang the installation, whoever runs the check. */
async function limited(check: ReturnType<RunCheck>, signal: AbortSignal | undefined): ReturnType<RunCheck> {
  const stop = new AbortController()
  signal?.addEventListener('abort', () => stop.abort(), { once: true })
  const late = pause(LIMIT_MS, stop.signal).then(() => ({
    code: null,
    output: 'Error: it did not load in two minutes',
  }))
  try {
    return await Promise.race([check, late])
  } finally {
    stop.abort()
    late.catch(() => {})
  }
}

/** The line of a Node crash report that says why. */
function cause(output: string): string {
  const lines = output.split('\n').map((line) => line.trim())
  const telling = lines.find((line) =>
    /^(\w*Error|.*cannot open shared object|.*undefined symbol)/.test(line),
  )
  return (telling ?? '').replace(/^Error: /, '').replace(/\.$/, '')
}
