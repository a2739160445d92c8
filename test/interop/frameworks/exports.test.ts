import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExportFormat } from '../../../main/export/format'
import { formatNamed } from '../../../main/export/formats'
import { exportForm } from '../../../shared/export/forms'
import { KERAS_LAYERS, KERAS_LAYERS_FILE } from '../../../main/export/keras/custom'
import { arrayNames, type ExportSource } from '../../../main/export/source'
import { channelsLastDims } from '../../../main/export/tensorflow/graph'
import { channelsFirst } from '../../../shared/export/layout'
import { toTorch, torchArrays } from '../../../shared/export/pytorch/state'
import { exportCases, type ExportCase } from '../exports/cases'

/** With the frameworks of requirements.txt: `npm run test:interop` makes it, and names it. */
const PYTHON = process.env.RESIDUAL_LAB_INTEROP!

/** Relative to the largest output, in float32. */
const TOLERANCE = 1e-5

const folder = mkdtempSync(path.join(tmpdir(), 'framework-exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CASES = exportCases()

/** What comes in and out in the order of axes that a framework has. */
interface Order {
  inputs(one: ExportCase): { values: Float32Array; dims: number[] }
  outputs(one: ExportCase): Float32Array
}

const withPositions = (dims: number[], units: number) => [dims[0], units, ...dims.slice(1, -1)]

const LAST: Order = {
  inputs: ({ x, network: { input, axes } }) => ({ values: x, dims: channelsLastDims(input, axes) }),
  outputs: ({ outputs }) => Float32Array.from(outputs),
}

const FIRST: Order = {
  inputs: ({ x, network: { input, axes } }) => ({
    values: channelsFirst(x, input),
    dims: withPositions(channelsLastDims(input, axes), input.units),
  }),
  outputs: ({ outputs, network }) =>
    network.outputs === null
      ? channelsFirst(Float32Array.from(outputs), network.top)
      : Float32Array.from(outputs),
}

/** Numbers of a file that is read for its arrays alone. */
const NUMBERS: Record<string, (one: ExportCase) => { names: string[]; values: Float32Array }> = {
  npz({ network, arrays }) {
    const names = arrayNames(network)
    return { names, values: joined(names.map((name) => arrays(name).values)) }
  },
  pytorch({ network, arrays }) {
    const all = torchArrays(network)
    const values = joined(all.map((one) => toTorch(one, arrays(one.source).values)))
    return { names: all.map(({ name }) => name), values }
  },
}

function joined(parts: Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    result.set(part, at)
    at += part.length
  }
  return result
}

/** Numbers in nested lists. */
function nested(values: Float32Array, [size, ...rest]: number[]): unknown[] {
  if (rest.length === 0) return [...values]
  const each = rest.reduce((product, one) => product * one, 1)
  const count = size === -1 ? values.length / each : size
  return Array.from({ length: count }, (_, i) => nested(values.subarray(i * each, (i + 1) * each), rest))
}

async function written(format: ExportFormat, one: ExportCase, i: number): Promise<string> {
  const { network, arrays } = one
  const source = { network, arrays, document: { entry: { id: 'fern-12' } } } as unknown as ExportSource
  const target = path.join(folder, format.name, `${i}${format.is === 'file' ? `.${format.name}` : ''}`)
  await format.write(target, source, { texts: new Map([['README.md', 'a text']]), isFloat16: false })
  const { dims, values } = (format.name === 'onnx' ? FIRST : LAST).inputs(one)
  const names = NUMBERS[format.name]?.(one).names ?? []
  const layers = format.name === 'keras' ? folder : null
  return JSON.stringify({ format: format.name, path: target, inputs: nested(values, dims), names, layers })
}

const opened: [string, string, Order | null][] = [
  ['keras', 'Keras', LAST],
  ['savedmodel', 'TensorFlow', LAST],
  ['onnx', 'ONNX’s checker and ONNX Runtime', FIRST],
  ['npz', 'NumPy', null],
  ['pytorch', 'safetensors', null],
]

describe.each(opened)('%s: %s opens what is exported, and finds the same', (name, _, order) => {
  let found: { outputs?: number[]; problem?: string }[]
  beforeAll(async () => {
    mkdirSync(path.join(folder, name))
    writeFileSync(path.join(folder, KERAS_LAYERS_FILE), KERAS_LAYERS)
    const format = formatNamed(exportForm(name).name)
    const lines: string[] = []
    for (const [i, one] of CASES.entries()) lines.push(await written(format, one, i))
    const { status, stdout, stderr } = spawnSync(
      PYTHON,
      [path.join(import.meta.dirname, 'open_exports.py')],
      {
        input: lines.join('\n'),
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      },
    )
    if (status !== 0) throw new Error(stderr)
    found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as (typeof found)[number])
  }, 600_000)

  test.each(CASES.map((one, i) => [one.name, i] as const))('%s', (_name, i) => {
    const { outputs, problem } = found[i]
    expect(problem).toBeUndefined()
    const expected = order ? order.outputs(CASES[i]) : NUMBERS[name](CASES[i]).values
    expect(outputs!.length).toBe(expected.length)
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const apart = outputs!.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0)
    expect(apart).toBeLessThanOrEqual((order ? TOLERANCE : 0) * largest)
  })
})
