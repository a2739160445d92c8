import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keras } from '../../../main/export/keras'
import { npz } from '../../../main/export/npz'
import { proveExport, trialOf } from '../../../main/export/proof'
import type { ExportSource } from '../../../main/export/source'
import { FRAMEWORKS } from '../../../shared/export/frameworks'
import { exportedNetwork, type ExportedNetwork } from '../../../shared/export/network'
import { exportCases, type ExportCase } from '../exports/cases'
import { expectSameSquares, INITIAL_CASES, NETWORKS } from '../exports/initial-cases'
import { dimsOf, expectOutputs, runCases, type Found } from '../exports/run-code'

/** With the frameworks of requirements.txt: `npm run test:interop` makes it, and names it. */
const PYTHON = process.env.RESIDUAL_LAB_INTEROP!

const folder = mkdtempSync(path.join(tmpdir(), 'framework-code-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const IN_PYTHON = FRAMEWORKS.filter(({ name }) => name === 'keras' || name === 'jax')
const CASES = exportCases()

const runPython = <V>(cases: readonly object[]) =>
  runCases<V>(PYTHON, path.join(import.meta.dirname, 'run_code.py'), cases)

function sourceOf({ network, arrays }: Pick<ExportCase, 'network' | 'arrays'>): ExportSource {
  return { network, arrays, document: { entry: { id: 'fern-12' } } } as unknown as ExportSource
}

describe.each(IN_PYTHON)('$title', ({ name: framework, write }) => {
  const own = path.join(folder, framework)
  mkdirSync(own)
  const put = (name: string, network: ExportedNetwork) => {
    const file = path.join(own, `${name}.py`)
    writeFileSync(file, write(network))
    return { framework, name, file }
  }

  describe('the code, run as it is, has the lab’s statistics at initialisation', () => {
    let found: Found<number[][]>[]
    beforeAll(() => {
      found = runPython(
        INITIAL_CASES.map(([, experiment], i) => {
          const network = exportedNetwork(experiment, 0, false)
          const shape = dimsOf(network, experiment.batch)
          return { ...put(`initial_${i}`, network), shape, networks: NETWORKS }
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
        const about = { texts: new Map<string, string>(), isFloat16: false }
        const arrays = path.join(own, `${i}.npz`)
        await npz.write(arrays, sourceOf(one), about)
        const inputs = { inputs: [...one.x], dims: dimsOf(one.network, -1) }
        const line = { ...put(`model_${i}`, one.network), ...inputs }
        lines.push({ ...line, arrays })
        if (framework !== 'keras') continue
        // The export that the code lies beside.
        await keras.write(path.join(own, `model_${i}.keras`), sourceOf(one), about)
        lines.push({ ...line, arrays: null })
      }
      found = runPython(lines)
    }, 900_000)

    const ways = framework === 'keras' ? ['NPZ', 'the .keras file beside it'] : ['NPZ']
    const each = CASES.flatMap((one, i) =>
      ways.map((way, at) => [`${one.name}, from ${way}`, one, ways.length * i + at] as const),
    )
    test.each(each)('%s', (_, one, at) => {
      expectOutputs(found[at], one)
    })
  })

  test.each(['original, none', 'resnet20-cifar'])(
    'the code compares itself with an export that is named on the command line: %s',
    async (name) => {
      const one = CASES.find((other) => other.name === name)!
      const { file } = put('alone', one.network)
      const target = path.join(own, 'alone.npz')
      const source = sourceOf(one)
      await npz.write(target, source, { texts: new Map(), isFloat16: false })
      const proof = await proveExport(npz, target, source, trialOf(source), false)
      const texts = new Map([['proof.json', JSON.stringify(proof)]])
      await npz.write(target, source, { texts, isFloat16: false })
      const { status, stdout, stderr } = spawnSync(PYTHON, [file, target], { encoding: 'utf8' })
      expect(stdout, stderr).toMatch(/^q_0 = [\d.e+]+\nq_1 = [\s\S]*\nlargest difference .*: \S+e-\d\d\n$/)
      expect(status).toBe(0)
    },
  )
})
