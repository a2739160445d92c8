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
