import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proveExport, trialOf } from '../../../main/export/proof'
import { arrayNames, type ExportSource } from '../../../main/export/source'
import { tfjs } from '../../../main/export/tensorflow/tfjs'
import { exportedNetwork, type ExportedNetwork } from '../../../shared/export/network'
import { positions } from '../../../shared/numerics/shape'
import { tfjsCode } from '../../../shared/export/tfjs/code'
import { exportCases, type ExportCase } from './cases'
import { expectSameSquares, INITIAL_CASES, NETWORKS } from './initial-cases'
import { dimsOf, expectOutputs, runCases, type Found } from './run-code'

const root = path.resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(path.join(tmpdir(), 'tfjs-code-'))
// The code imports @tensorflow/tfjs by its name.
symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CASES = exportCases()

function put(name: string, network: ExportedNetwork): string {
  const file = path.join(folder, `${name}.mjs`)
  writeFileSync(file, tfjsCode(network))
  return file
}

function sourceOf({ network, arrays }: ExportCase): ExportSource {
  return { network, arrays, document: { entry: { id: 'fern-12' } } } as unknown as ExportSource
}

async function exported(name: string, one: ExportCase): Promise<string> {
  const target = path.join(folder, name.replace(/\W+/g, '-'))
  await tfjs.write(target, sourceOf(one), { texts: new Map(), isFloat16: false })
  return target
}

const runNode = <V>(cases: readonly object[]) =>
  runCases<V>(process.execPath, path.join(import.meta.dirname, 'run-tfjs.mjs'), cases)

describe('the code, run as it is, has the lab’s statistics at initialisation', () => {
  let found: Found<number[][]>[]
  beforeAll(() => {
    found = runNode(
      INITIAL_CASES.map(([, experiment], i) => {
        const network = exportedNetwork(experiment, 0, false)
        const file = put(`initial-${i}`, network)
        return { file, shape: dimsOf(network, experiment.batch), networks: NETWORKS }
      }),
    )
  }, 600_000)

  test.each(INITIAL_CASES.map(([name], i) => [name, i] as const))('%s', (_, i) => {
    expect(found[i].problem).toBeUndefined()
    expectSameSquares(found[i].found!, INITIAL_CASES[i][1])
  })
})

describe('the code computes what the lab does with its weights', () => {
  let found: Found<number[]>[]
  beforeAll(async () => {
    const lines: object[] = []
    for (const [i, one] of CASES.entries()) {
      const { network, arrays, x } = one
      const samples = x.length / (network.input.units * positions(network.input))
      const inputs = { inputs: [...x], dims: dimsOf(network, samples) }
      const given = arrayNames(network).map((name) => [name, [...arrays(name).values]])
      lines.push({ ...inputs, file: put(`model-${i}`, network), arrays: Object.fromEntries(given) })
      lines.push({ ...inputs, file: path.join(await exported(`export-${i}`, one), 'model.js'), arrays: null })
    }
    found = runNode(lines)
  }, 600_000)

  const each = CASES.flatMap((one, i) =>
    ['of arrays', 'in its export'].map((way, at) => [`${one.name}, ${way}`, one, 2 * i + at] as const),
  )
  test.each(each)('%s', (_, one, at) => {
    expectOutputs(found[at], one)
  })
})

test.each(['original, none', 'original, nf', 'linear-relu on sequences'])(
  'run by itself in an export, it compares itself with what the lab computes: %s',
  async (name) => {
    const one = CASES.find((other) => other.name === name)!
    const own = await exported(`compared-${name}`, one)
    const source = sourceOf(one)
    const proof = await proveExport(tfjs, own, source, trialOf(source), false)
    writeFileSync(path.join(own, 'proof.json'), JSON.stringify(proof))
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(own, 'model.js')], {
      encoding: 'utf8',
    })
    expect(stdout, stderr).toMatch(/\nlargest difference to what the lab computes.*: \S+e-\d\n$/)
    expect(status).toBe(0)
    // Other weights compute something else, and that is said.
    const weights = readFileSync(path.join(own, 'weights.bin'))
    writeFileSync(
      path.join(own, 'weights.bin'),
      weights.map((byte, i) => (i % 4 === 3 ? byte ^ 1 : byte)),
    )
    expect(spawnSync(process.execPath, [path.join(own, 'model.js')]).status).toBe(1)
  },
)

test('run by itself, it prints the mean square of the stream', () => {
  const file = put('alone', CASES[0].network)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  expect(stdout.trim(), stderr).toMatch(
    /^q_0 = [\d.e+-]+\nq_1 = [\d.e+-]+\nq_2 = [\d.e+-]+\nq_3 = [\d.e+-]+$/,
  )
  expect(status).toBe(0)
})
