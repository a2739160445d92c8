import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { presetNamed } from '../../shared/block/presets'
import { HE_2016, THREE_TYPES } from '../../shared/settings/order'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-order-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function run(command: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, command, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, RESIDUAL_LAB_DATA: folder },
  })
  return { status, stdout, stderr }
}

const SMALL = ['--blocks', '3', '--width', '12', '--replicas', '3', '--batch', '16', '--json']

describe('order', () => {
  test('measures what signal measures, trains what train trains, and keeps it as a run', () => {
    const set = ['--block', 'relu-linear,original', '--remedies', 'none,rsqrt2']
    const training = ['--steps', '12', '--evaluate-every', '6', '--seeds', '2', '--optimizer', 'adam']
    const ordered = run('order', ...SMALL, ...set, ...training, '--train', 'on', '--name', 'mine')
    expect(ordered.status, ordered.stderr).toBe(0)
    const document = JSON.parse(ordered.stdout)
    expect(Object.keys(document)).toEqual(['version', 'device', 'experiment', 'run', 'series'])
    expect(document.experiment).toMatchObject({
      optimizer: 'adam',
      order: { blocks: ['relu-linear', 'original'], remedies: ['none', 'rsqrt2'], seeds: 1, train: true },
    })
    const measured = JSON.parse(run('signal', ...SMALL, ...set).stdout)
    const trained = JSON.parse(run('train', ...SMALL, ...set, ...training, '--no-keep').stdout)
    expect(document.series).toHaveLength(4)
    for (const [i, series] of document.series.entries()) {
      expect(series).toMatchObject(measured.series[i])
      const { seconds: _, ...learned } = trained.series[i]
      expect(series).toMatchObject(learned)
      expect(series).toMatchObject({ n: 3, firstNonFinite: null })
    }
    const [plain, scaled] = document.series
    expect(plain.growth.forwardTheory.ratio).toBeCloseTo(2)
    expect(scaled.rank).toBeLessThan(plain.rank)
    const kept = JSON.parse(run('runs', 'show', 'last', '--json').stdout)
    expect(kept).toMatchObject({ run: document.run, name: 'mine', kind: 'order' })
    expect(kept.title).toBe('Type 2 and Original, L = 3, width 12')
    expect(kept.figures).toContainEqual(
      expect.objectContaining({
        label: 'none: test error at step 12',
        value: plain.final.test.error.mean,
        n: 2,
      }),
    )
    const again = run('runs', 'verify', 'mine', '--json')
    expect(JSON.parse(again.stdout), again.stderr).toMatchObject({ run: document.run, verdict: 'identical' })
  })

  test('a file’s set and its own blocks are taken, and options win over them', () => {
    const own = { ...presetNamed('relu-linear'), name: 'mine', title: 'Mine' }
    const order = { blocks: ['mine', 'original'], remedies: ['none'], seeds: 2, train: false }
    const experiment = { version: 1, block: [own], blocks: 2, width: 8, replicas: 1, batch: 8, order }
    fs.writeFileSync(path.join(folder, 'experiment.json'), JSON.stringify(experiment))
    const { stdout } = run('order', '--experiment', 'experiment.json', '--no-keep', '--json')
    const { series, run: kept } = JSON.parse(stdout)
    expect(kept).toBeNull()
    expect(series.map(({ block, n }: { block: string; n: number }) => [block, n])).toEqual([
      ['mine', 2],
      ['original', 2],
    ])
    expect(series[0].growth.forward.seeds.low).toBeLessThan(series[0].growth.forward.seeds.high)
    const other = run(
      'order',
      '--experiment',
      'experiment.json',
      '--remedies',
      'rsqrt2',
      '--order-seeds',
      '1',
    )
    expect(other.stdout).toMatch(/^1 +(mine|original) +rsqrt2 /m)
    expect(other.stdout).not.toContain('none')
    expect(other.stdout).toMatch(/\nkept as \S+\n$/)
  })

  test('without a set it is the one that the workbench opens on', () => {
    const small = ['--blocks', '1', '--width', '8', '--replicas', '1', '--batch', '8']
    const { series } = JSON.parse(run('order', ...small, '--no-keep', '--json').stdout)
    const names = series.map(({ block }: { block: string }) => block)
    expect([...new Set(names)]).toEqual([...THREE_TYPES, ...HE_2016])
    expect(series).toHaveLength(16)
    expect(series[0]).not.toHaveProperty('final')
  })

  test.each([
    [['--block', 'nothing'], /^--block: there is no block "nothing"\./],
    [['--train', 'maybe'], /^--train: "maybe" is not a choice\. Give on or off\.\n$/],
    [['--order-seeds', '0'], /^--order-seeds: 0 is out of range\. Give a whole number from 1 to 100\.\n$/],
    [
      ['--input', 'images', '--stem', 'linear', '--train', 'on'],
      /^--input: Gaussian images have no labels to train on/,
    ],
    [
      ['--batch', '5000', '--train', 'on'],
      /^--batch: MNIST-1D has 4000 training samples, not 5000\. Give at most 4000\.\n$/,
    ],
    [['--no-keep', '--name', 'mine'], /^--name: a result that is not kept has no name\./],
  ])('%s is bad input, told in one line before anything is measured', (args, line) => {
    const { status, stdout, stderr } = run('order', ...args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(line)
    expect(stderr.trim()).not.toContain('\n')
  })
})
