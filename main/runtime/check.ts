import { LIMIT_MS } from './check-with-node'
import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { pause, type Context } from './context'
import { RuntimeError, type RunCheck } from './types'

// Plain CommonJS that needs nothing but the binding, because it runs in a process of its own: a library that
// does not fit crashes whatever loads it. In the product of the matrices every entry is different, so that a
// transposed or stale result is noticed.
const CHECK = `
'use strict'
process.on('uncaughtException', (error) => process.stderr.write('\\n' + error + '\\n', () => process.exit(1)))
const tf = require(process.argv[process.argv.length - 1])
const type = (name, value) => ({ name, type: tf.TF_ATTR_BOOL, value })
const matrix = (values) => tf.createTensor([2, 2], tf.TF_FLOAT, Float32Array.from(values))
const dtype = { name: 'T', type: tf.TF_ATTR_TYPE, value: tf.TF_FLOAT }
const attributes = [type('transpose_a', false), type('transpose_b', false), dtype]
const [product] = tf.executeOp('MatMul', attributes, [matrix([1, 2, 3, 4]), matrix([5, 6, 7, 8])], 1)
const result = Array.from(tf.tensorDataSync(product.id))
// Electron's utility processes do not end by themselves.
const found = { version: tf.TF_Version, gpu: tf.isUsingGpuDevice(), result }
process.stdout.write('\\nCHECK ' + JSON.stringify(found) + '\\n', () => process.exit(0))
`

export interface Checked {
  version: string
  gpu: boolean
}

/** Loads the binding in a child process and multiplies two matrices. Throws, with the cause, if that fails. */
export async function checkBinding(context: Context, bindingPath: string, scratch: string): Promise<Checked> {
  const modulePath = path.join(scratch, 'check.cjs')
  await fs.writeFile(modulePath, CHECK)
  const env = { ...context.env, TF_CPP_MIN_LOG_LEVEL: '2', TF_FORCE_GPU_ALLOW_GROWTH: 'true' }
  const { code, output } = await limited(
    context.runCheck(modulePath, [bindingPath], env, context.signal),
    context.signal,
  )
  await fs.rm(modulePath, { force: true })
  const line = /CHECK (\{.*\})/.exec(output)
  const found = line ? (JSON.parse(line[1]!) as Checked & { result: number[] }) : null
  if (found && found.result.join() === '19,22,43,50') return found
  const last = cause(output)
  const wrong = (result: number[]) => `2 x 2 product came out as ${result.join()}`
  const ended = `the process that loaded it ended with code ${code}`
  throw new RuntimeError(
    `TensorFlow's library does not work here: ${found ? wrong(found.result) : last || ended}.`,
    'Point at another installation with `npx residual-lab runtime use PATH`, ' +
      'or remove the cache folder and install again.',
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
