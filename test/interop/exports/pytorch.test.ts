import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { torchCode } from '../../../shared/export/pytorch/code'
import { channelsFirst } from '../../../shared/export/layout'
import { writeTorchWeights } from '../../../main/export/pytorch'
import { positions } from '../../../shared/numerics/shape'
import { exportCases } from './cases'

/** Debian's: python3-torch (.ci/run installs it). */
const PYTHON = '/usr/bin/python3'
const hasTorch = spawnSync(PYTHON, ['-c', 'import torch']).status === 0
if (!hasTorch)
  console.warn(
    `No export is opened in PyTorch: ${PYTHON} has none (Debian and Ubuntu: apt-get install python3-torch).`,
  )

/** Relative to the largest output, in float32. */
const TOLERANCE = 1e-5

const folder = mkdtempSync(path.join(tmpdir(), 'torch-exports-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const CASES = exportCases()

describe.skipIf(!hasTorch)('PyTorch opens what is exported for it, and computes the same', () => {
  let found: number[][]
  beforeAll(() => {
    const lines = CASES.map(({ network, arrays, x }, i) => {
      const own = path.join(folder, String(i))
      mkdirSync(own)
      writeFileSync(path.join(own, 'model.py'), torchCode(network))
      writeTorchWeights(path.join(own, 'model.safetensors'), network, arrays)
      const size = network.input.units * positions(network.input)
      const flat = channelsFirst(x, network.input)
      const inputs = Array.from({ length: x.length / size }, (_, s) => [
        ...flat.subarray(s * size, (s + 1) * size),
      ])
      return JSON.stringify({ folder: own, inputs })
    })
    const { status, stdout, stderr } = spawnSync(
      PYTHON,
      [path.join(import.meta.dirname, 'open_pytorch.py')],
      {
        input: lines.join('\n'),
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      },
    )
    if (status !== 0) throw new Error(stderr)
    found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as number[])
  }, 300_000)

  test.each(CASES.map(({ name }, i) => [name, i] as const))('%s', (_, i) => {
    const { network, outputs } = CASES[i]
    const expected =
      network.outputs === null
        ? channelsFirst(Float32Array.from(outputs), network.top)
        : Float32Array.from(outputs)
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(found[i].length).toBe(expected.length)
    const apart = found[i].reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0)
    expect(apart).toBeLessThanOrEqual(TOLERANCE * largest)
  })
})
