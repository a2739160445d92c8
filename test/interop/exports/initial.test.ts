import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { exportedNetwork } from '../../../shared/export/network'
import { torchCode } from '../../../shared/export/pytorch/code'
import { expectSameSquares, INITIAL_CASES, NETWORKS } from './initial-cases'

/** Debian's: python3-torch (.ci/run installs it). */
const PYTHON = '/usr/bin/python3'
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0
if (!hasTorch)
  console.warn(
    `No code is run in PyTorch: ${PYTHON} has none (Debian and Ubuntu: apt-get install python3-torch).`,
  )

const folder = mkdtempSync(path.join(tmpdir(), 'torch-code-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(!hasTorch)(
  'the code, run as it is, has the lab’s statistics at initialisation (needs python3-torch)',
  () => {
    let found: number[][][]
    beforeAll(() => {
      const lines = INITIAL_CASES.map(([, experiment], i) => {
        const network = exportedNetwork(experiment, 0, false)
        const file = path.join(folder, `model_${i}.py`)
        writeFileSync(file, torchCode(network))
        const { units, rows, columns } = network.input
        const grid = network.axes === 2 ? [rows, columns] : network.axes === 1 ? [columns] : []
        const shape = [experiment.batch, units, ...grid]
        return JSON.stringify({ name: `model_${i}`, file, shape, networks: NETWORKS })
      })
      const { status, stdout, stderr } = spawnSync(PYTHON, [path.join(import.meta.dirname, 'initial.py')], {
        input: lines.join('\n'),
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      })
      if (status !== 0) throw new Error(stderr)
      found = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as number[][])
    }, 300_000)

    test.each(INITIAL_CASES.map(([name], i) => [name, i] as const))('%s', (_, i) => {
      expectSameSquares(found[i], INITIAL_CASES[i][1])
    })
  },
)
