import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { temporary } from '../runtime/fakes'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')
const SMALL = ['signal', '--blocks', '2', '--width', '8', '--replicas', '1', '--batch', '8', '--json']

// What is not built yet is built by the first command, which says so.
beforeAll(() => void spawnSync(process.execPath, [launcher, 'presets']))

/** The command on a data folder with these settings. */
function run(settings: unknown, args = SMALL) {
  const folder = temporary()
  const file = path.join(folder, 'settings.json')
  fs.writeFileSync(file, JSON.stringify(settings))
  const env = { ...process.env, RESIDUAL_LAB_DATA: folder }
  return { file, ...spawnSync(process.execPath, [launcher, ...args], { encoding: 'utf8', env }) }
}

test('the memory that the settings allow counts before TensorFlow is loaded', () => {
  const { status, stdout, stderr } = run({ version: 1, memory: 0.5 }, [...SMALL, '--width', '4000'])
  expect(stderr).toMatch(
    /^size: these networks need about [\d.]+ GiB of memory and [\d.]+ GiB is free within the 0\.5 GiB that the settings allow\. Lower the depth, the width, the batch or the replicas, or allow more\.\n$/,
  )
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
})

test('a training that fits by keeping less is let in, as the trainer would let it', () => {
  const size = ['--blocks', '100', '--width', '64', '--batch', '1000', '--replicas', '3', '--steps', '1']
  const training = ['train', '--block', 'relu-linear', '--remedies', 'rsqrt2', ...size, '--json']
  // With whole steps it needs 1.8 GiB, in segments 0.6.
  const { status, stdout, stderr } = run({ version: 1, memory: 1.5 }, training)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ series: [{ block: 'relu-linear', remedy: 'rsqrt2' }] })
})

test('settings that cannot be followed are said on stderr, and the command goes on', () => {
  const { file, status, stdout, stderr } = run({ version: 9 })
  expect(stderr).toContain(`The settings in ${file} are not of this version`)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ series: [{ block: 'relu-linear' }] })
})

test('with other threads the numbers are the same', () => {
  const [one, two] = [1, 2].map((threads) => run({ threads }))
  const series = [one, two].map(({ stdout }) => (JSON.parse(stdout) as { series: unknown }).series)
  expect(series[0]).toEqual(series[1])
})

test('a wrong device in the environment is refused before anything begins', () => {
  process.env.RESIDUAL_LAB_DEVICE = 'tpu'
  try {
    const said = 'RESIDUAL_LAB_DEVICE: "tpu" is not a choice. Did you mean "gpu"?\n'
    for (const args of [SMALL, ['serve', '--json']])
      expect(run({}, args)).toMatchObject({ status: 2, stdout: '', stderr: said })
    expect(run({}, [...SMALL, '--device', 'cpu']).status).toBe(0)
  } finally {
    delete process.env.RESIDUAL_LAB_DEVICE
  }
})

test('runtime gpu names what keeps from computing on a card, and one that is chosen and not here', () => {
  const bin = temporary()
  const cards = [
    '0, GPU-0a, 81559, 559, 8.0, 570.86.15, NVIDIA A100',
    '1, GPU-1a, 12288, 100, 5.2, 570.86.15, Quadro M6000',
  ]
  const before = process.env.PATH
  process.env.PATH = `${bin}${path.delimiter}${before}`
  try {
    const none = run({ gpu: 'GPU-gone' }, ['runtime', 'gpu', '3'])
    expect(none).toMatchObject({ status: 2, stdout: '' })
    expect(none.stderr).toMatch(/^which: there is no GPU “3”\. /)
    const script = `#!/bin/sh\nprintf '%s\\n' ${cards.map((one) => `'${one}'`).join(' ')}\n`
    fs.writeFileSync(path.join(bin, 'nvidia-smi'), script, { mode: 0o755 })
    const listed = run({ gpu: 'GPU-gone' }, ['runtime', 'gpu']).stdout.split('\n')
    expect(listed).toEqual([
      '  0: NVIDIA A100, 85.5 GB, 84.9 GB free, compute capability 8.0, GPU-0a',
      '  1: Quadro M6000, 12.9 GB, 12.8 GB free, compute capability 5.2, GPU-1a',
      expect.stringMatching(/^ {2}The Quadro M6000 \(compute capability 5\.2\) cannot be used: /),
      'GPU-gone is chosen and not here; first or another that is here mends that.',
      '',
    ])
  } finally {
    process.env.PATH = before
  }
})
