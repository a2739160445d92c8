import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrayNames } from '../../../main/export/source'
import { exportedNetwork, type ExportedNetwork } from '../../../shared/export/network'
import { positions } from '../../../shared/numerics/shape'
import { tfjsCode } from '../../../shared/export/tfjs/code'
import { exportCases } from './cases'
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
  beforeAll(() => {
    found = runNode(
      CASES.map(({ network, arrays, x }, i) => ({
        ...{
          file: put(`model-${i}`, network),
          inputs: [...x],
          dims: dimsOf(network, x.length / (network.input.units * positions(network.input))),
        },
        arrays: Object.fromEntries(arrayNames(network).map((name) => [name, [...arrays(name).values]])),
      })),
    )
  }, 600_000)

  test.each(CASES.map(({ name }, i) => [name, i] as const))('%s', (_, i) => {
    expectOutputs(found[i], CASES[i])
  })
})

test('run by itself, it prints the mean square of the stream', () => {
  const file = put('alone', CASES[0].network)
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  expect(stdout.trim(), stderr).toMatch(
    /^q_0 = [\d.e+-]+\nq_1 = [\d.e+-]+\nq_2 = [\d.e+-]+\nq_3 = [\d.e+-]+$/,
  )
  expect(status).toBe(0)
})
