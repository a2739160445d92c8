import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importedNetwork, type Architecture } from '../../../main/import/network'
import { convolutional } from '../../../shared/block/convolutional'
import { presetNamed } from '../../../shared/block/presets'
import { withLabels } from '../../../shared/experiment/experiment'
import { channelsFirst } from '../../../shared/export/layout'
import { exportedNetwork } from '../../../shared/export/network'
import { torchCode } from '../../../shared/export/pytorch/code'
import { referenceOutputs } from '../../../shared/export/reference'
import { Random } from '../../../shared/numerics/random'
import { positions } from '../../../shared/numerics/shape'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

/** With the frameworks of requirements.txt: `npm run test:interop` makes it, and names it. */
const PYTHON = process.env.RESIDUAL_LAB_INTEROP!
/** Debian's: python3-torch (.ci/run installs it). */
const TORCH = '/usr/bin/python3'

/** Relative to the largest output, in float32. */
const TOLERANCE = 1e-5

const folder = mkdtempSync(path.join(tmpdir(), 'foreign-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const architecture = (changes: Partial<Experiment>): Architecture => ({
  experiment: withLabels({ ...defaultExperiment(), blocks: 3, width: 12, compare: [], ...changes }),
  ...{ series: 1, of: 'the given options' },
})
const DENSE = architecture({ block: ['practical'], remedies: ['batch-norm'] })

/** The lab's code with names of somebody's own. */
const renamed = (code: string) =>
  code
    .replaceAll('self.blocks', 'self.layers')
    .replaceAll('self.stem', 'self.first')
    .replaceAll('self.output', 'self.fc')
    .replace(/self\.(linear|conv)_/g, 'self.w')
    .replace(/self\.branch_norm_/g, 'self.bn')

const TORCH_CASES: Record<string, Architecture> = {
  dense: DENSE,
  convolutional: architecture({
    ...{ block: [convolutional(presetNamed('practical'), 2)], remedies: ['batch-norm'] },
    ...{ width: 6, data: 'digits' },
  }),
}

const networkOf = ({ experiment }: Architecture) =>
  exportedNetwork({ ...experiment, trainReplicas: 1 }, 0, true)

function run(python: string, args: string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(python, args, { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

interface Computed {
  x: Float32Array
  outputs: number[]
}

let keras: Computed
const torch = new Map<string, Computed>()
beforeAll(() => {
  const cases = Object.entries(TORCH_CASES).map(([name, one]) => {
    const network = networkOf(one)
    const { units, rows, columns } = network.input
    const x = new Float32Array(2 * units * positions(network.input))
    new Random(4).fillNormal(x, 1)
    const grid = network.axes === 2 ? [rows, columns] : network.axes === 1 ? [columns] : []
    const line = {
      code: renamed(torchCode(network)),
      inputs: [...channelsFirst(x, network.input)],
      shape: [2, units, ...grid],
      npz: path.join(folder, `${name}.npz`),
    }
    return { name, x, line: JSON.stringify(line) }
  })
  const script = (name: string) => path.join(import.meta.dirname, name)
  const printed = run(TORCH, [script('write_torch.py')], cases.map(({ line }) => line).join('\n')).trim()
  printed.split('\n').forEach((line, i) => {
    torch.set(cases[i].name, { x: cases[i].x, outputs: JSON.parse(line) as number[] })
  })
  const found = run(PYTHON, [script('write_foreign.py'), folder, ...Object.keys(TORCH_CASES)])
  const { inputs, outputs } = JSON.parse(found) as { inputs: number[]; outputs: number[] }
  keras = { x: Float32Array.from(inputs), outputs }
}, 300_000)

async function compared(file: string, one: Architecture, { x, outputs }: Computed) {
  const found = await importedNetwork(path.join(folder, file), one)
  const network = exportedNetwork(found.experiment, 0, true)
  const own = referenceOutputs(network, found.arrays[0], x)
  const largest = outputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(own.length).toBe(outputs.length)
  const apart = outputs.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i])), 0)
  expect(apart).toBeLessThanOrEqual(TOLERANCE * largest)
  return found.table
}

describe('weights of somebody else’s network give what it computes', () => {
  test.each(['mine.keras', 'mine.h5', 'mine.weights.h5', 'mine.onnx'])('%s', async (file) => {
    const table = await compared(file, DENSE, keras)
    expect(table.missing).toEqual([])
  })

  test.each(Object.keys(TORCH_CASES))('%s.safetensors', async (name) => {
    const { rows, missing, unused } = await compared(
      `${name}.safetensors`,
      TORCH_CASES[name],
      torch.get(name)!,
    )
    expect(missing).toEqual([])
    expect(rows.some(({ by }) => by === 'order')).toBe(true)
    // How many batches a norm has seen is no weight.
    expect(unused.every(({ tensor }) => tensor.endsWith('num_batches_tracked'))).toBe(true)
  })

  test('numbers in another file are refused', async () => {
    await expect(importedNetwork(path.join(folder, 'apart.onnx'), DENSE)).rejects.toThrow(
      'are in another file',
    )
  })

  test('another architecture is refused, with what was expected and found', async () => {
    const wider = { ...DENSE, experiment: { ...DENSE.experiment, width: 16 } }
    await expect(importedNetwork(path.join(folder, 'mine.keras'), wider)).rejects.toThrow(
      'mine.keras: "stem.stem.weight": expected [40, 16], found [40, 12] in "dense/vars/0" (and 27 more are missing)',
    )
  })
})
