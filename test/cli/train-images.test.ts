import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-images-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, 'data') },
  })
  return { status, stdout, stderr }
}

// 60 steps of 64 are a sixteenth of a pass over the images; about 45 s on two quiet cores, most of it evaluation.
test('ResNet-20 learns Fashion-MNIST: test error below 40 %', { timeout: 600_000 }, (context) => {
  const got = run('data', 'get', 'fashion-mnist')
  // What it wants of the machine is Debian's package manager or the package itself; anything else is a failure.
  if (got.status !== 0 && /could not be downloaded|which is not on this machine/.test(got.stderr))
    return context.skip(`Fashion-MNIST could not be had: ${got.stderr.trim().split('\n').at(-1)}`)
  expect(got.status, got.stderr).toBe(0)

  const training = ['--batch', '64', '--steps', '60', '--learning-rate', '0.1', '--evaluate-every', '60']
  const args = ['--network', 'resnet20-cifar', '--data', 'fashion-mnist', '--seeds', '1', ...training]
  const { status, stdout, stderr } = run('train', ...args, '--json')
  expect(status, stderr).toBe(0)
  const { experiment, run: id, series } = JSON.parse(stdout)
  expect(experiment).toMatchObject({ data: 'fashion-mnist', input: 'data-grid', batch: 64, steps: 60 })
  const [{ parameters, curve, failure }] = series
  // ResNet-20 of one channel: 269,722 of three, less 2 × 9 × 16 weights of the first convolution.
  expect(parameters).toBe(269_722 - 288)
  expect(failure).toBeNull()
  expect(curve.step).toEqual([0, 60])
  const [before, after] = curve.test.error.mean
  expect(before).toBeGreaterThan(0.7)
  expect(after).toBeLessThan(0.4)
  const environment = fs.readFileSync(path.join(folder, 'data', 'runs', id, 'environment.json'), 'utf8')
  expect(JSON.parse(environment).data).toMatchObject({ name: 'fashion-mnist' })
})
