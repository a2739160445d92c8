import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-depth-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    cwd: os.tmpdir(),
    env: { ...process.env, RESIDUAL_LAB_DATA: folder },
  })
  return { status, stdout, stderr }
}

const small = ['--width', '16', '--seeds', '2', '--batch', '50', '--steps', '8', '--remedies', 'batch-norm']

describe('depth', () => {
  test('prints one document as the contract says, with the numbers of train and signal', () => {
    const { status, stdout } = run('depth', '--json', ...small, '--depths', '3,1', '--no-keep')
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(['version', 'device', 'experiment', 'run', 'series', 'shattering'])
    expect(document).toMatchObject({ run: null, experiment: { depth: { depths: [1, 3], skip: 'both' } } })
    expect(document.series.map(({ skip }: { skip: string }) => skip)).toEqual(['on', 'off'])
    for (const series of document.series) {
      expect(series).toMatchObject({
        block: 'relu-linear',
        remedy: 'batch-norm',
        depths: [1, 3],
        failures: [null, null],
      })
      for (const samples of ['train', 'test'])
        for (const quantity of ['loss', 'error'])
          for (const statistic of ['mean', 'median', 'low', 'high'])
            expect(series[samples][quantity][statistic]).toHaveLength(2)
    }
    const one = [...small, '--blocks', '3', '--skip', 'off']
    const trained = JSON.parse(run('train', '--json', ...one, '--no-keep').stdout).series[0]
    const plain = document.series[1]
    expect(plain.test.error.mean[1]).toBe(trained.final.test.error.mean)
    expect(plain.train.loss.median[1]).toBe(trained.final.train.loss.median)
    expect(plain.parameters[1]).toBe(trained.parameters)
    const measured = ['--blocks', '3', '--skip', 'off', '--width', '16', '--replicas', '2', '--batch', '50']
    const signal = run(
      'signal',
      '--json',
      ...measured,
      ...small.slice(-2),
      '--input',
      'mnist1d',
      '--stem',
      'linear',
    )
    expect(plain.p0.mean[1]).toBe(JSON.parse(signal.stdout).series[0].p.mean[0])
  }, 240_000)

  test('a table for people says what is found, and the run is kept', () => {
    const { status, stdout } = run(
      'depth',
      ...small,
      '--depths',
      '1,2',
      '--skip',
      'off',
      '--name',
      'two depths',
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /skip +blocks +parameters +train error % +test error % +p_0 +corr\. initial +final\n/,
    )
    expect(stdout).toContain('Plain Type 2 + batch norm ')
    const id = /kept as (\S+)/.exec(stdout)![1]
    const { runs } = JSON.parse(run('runs', 'list', '--json').stdout)
    expect(runs).toMatchObject([{ run: id, name: 'two depths' }])
  })

  test.each([
    [
      ['--depths', '2,x'],
      '--depths: "x" is not a whole number. Give a whole number of blocks from 1 to 1000.',
    ],
    [['--depths', ''], '--depths: "" is not a whole number. Give a whole number of blocks from 1 to 1000.'],
    [['--skip', 'neither'], '--skip: "neither" is not a choice. Give both, on or off.'],
    [
      ['--depths', '10', '--network', 'mnist1d-conv'],
      'depths: a network of 3 stages of equal length has no 10 blocks.',
    ],
    [['--blocks', '3'], "unknown option '--blocks'"],
  ])('%j is bad input', (args, message) => {
    const { status, stdout, stderr } = run('depth', ...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})
