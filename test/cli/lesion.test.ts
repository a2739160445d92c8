import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'lesion', ...args], {
    encoding: 'utf8',
    cwd: os.tmpdir(),
  })
  return { status, stdout, stderr }
}

const small = ['--blocks', '6', '--width', '24', '--replicas', '3', '--batch', '8']

describe('lesion', () => {
  test('prints one document as the contract says', () => {
    const { status, stdout } = run('--json', ...small, '--delete', '2,5', '--remedies', 'none,batch-norm')
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(['version', 'device', 'experiment', 'lesion', 'series'])
    expect(document.lesion).toEqual({ delete: [2, 5] })
    expect(document.series.map((s: { remedy: string }) => s.remedy)).toEqual(['none', 'batch-norm'])
    for (const series of document.series) {
      expect(Object.keys(series)).toEqual(['block', 'remedy', 'note', 'between', 'cosine'])
      expect(series.cosine.low).toBeLessThanOrEqual(series.cosine.mean)
      expect(series.cosine.mean).toBeLessThan(1)
    }
  })

  test('every block in turn', () => {
    const { status, stdout } = run('--json', ...small, '--each', 'delete')
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(document.lesions).toHaveLength(6)
    expect(document.series[0].outcomes).toHaveLength(6)
  })

  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lesion-'))
  const file = path.join(folder, 'experiment.json')
  fs.writeFileSync(file, JSON.stringify({ version: 1, steps: 3, trainReplicas: 2 }))
  afterAll(() => fs.rmSync(folder, { recursive: true }))

  test('the document of trained networks says whose statistics, and what each part of the samples is worth', () => {
    const few = ['--blocks', '3', '--width', '16', '--remedies', 'batch-norm', '--delete', '1', '--train']
    const [kept, anew] = [[], ['--statistics', 'changed']].map((options) => {
      const { status, stdout } = run('--json', '--experiment', file, ...few, ...options)
      expect(status).toBe(0)
      return JSON.parse(stdout)
    })
    expect([kept.statistics, anew.statistics]).toEqual(['intact', 'changed'])
    const [{ intact, classified }] = kept.series
    for (const worth of [intact, classified, intact.training, classified.training]) {
      expect(worth.error.mean).toBeCloseTo(1 - worth.accuracy.mean, 12)
      expect(worth.loss.mean).toBeGreaterThan(0)
    }
    expect(anew.series[0].intact.loss.mean).toBeCloseTo(intact.loss.mean, 4)
    expect(anew.series[0].classified.training.loss.mean).not.toBe(classified.training.loss.mean)
  })

  test('a table of trained networks says loss and error on both parts', () => {
    const { status, stdout, stderr } = run(
      '--experiment',
      file,
      ...small.slice(0, 4),
      '--delete',
      '2',
      '--train',
    )
    expect([status, stderr.includes('Error')]).toEqual([0, false])
    expect(stdout).toMatch(/cosine +5 % +95 % +train loss +train error % +test loss +test error %\n/)
    expect(stdout).toContain('cosine between the outputs')
    expect(stdout).toMatch(
      /none: intact train loss [\d.]+, train error % [\d.]+, test loss [\d.]+, test error % /,
    )
    expect(stdout).toContain('keeps the statistics of the intact network (--statistics intact)')
  })

  test('a table for people', () => {
    const { status, stdout } = run(...small, '--permute', '2,5', '--skip', 'off')
    expect(status).toBe(0)
    expect(stdout).toContain('blocks 2 and 5 exchanged; without skip connections')
  })
})

describe('bad input: exit 2 and one line', () => {
  const both =
    'Give --delete or --duplicate with block numbers (for example 3 or 3,7), --permute with two of them ' +
    '(for example 3,7), --each delete, or --random with a number of draws.'
  test.each([
    [[], `--delete: nothing says which blocks to change. ${both}`],
    [
      ['--delete', '2', '--permute', '1,2'],
      `--delete, --permute: only one of them can be done at a time. ${both}`,
    ],
    [
      ['--network', 'resnet20-cifar', '--delete', '4'],
      'lesion: block 5 takes 32 × 16 × 16, and what would reach it is 16 × 32 × 32. Blocks that change the ' +
        'stream’s shape must stay: choose others.',
    ],
    [
      ['--train', '--network', 'resnet20-cifar', '--delete', '2'],
      'input: Gaussian images have no labels to train on. Choose images that have, such as the data set ' +
        '"digits", or measure these networks only.',
    ],
    [['--each', 'other'], '--each: "other" is not a choice. Give delete, duplicate or exchange.'],
    [['--random', '0'], '--random: 0 is out of range. Give a whole number of draws from 1 to 200.'],
    [
      ['--delete', '1', '--statistics', 'changed'],
      '--statistics: networks at initialisation keep none: each takes those of its own batch. Leave it out, or give ' +
        '--train or --run.',
    ],
    [
      ['--delete', '1', '--train', '--statistics', 'both'],
      '--statistics: "both" is not a choice. Give intact or changed.',
    ],
    [['--delete', '0'], '--delete: there is no block 0. Blocks count from 1 to 20.'],
    [['--delete', '21'], '--delete: there is no block 21. Blocks count from 1 to 20.'],
    [['--delete', '3,3'], '--delete: block 3 is given twice. Give each block once.'],
    [['--delete', '2.5'], '--delete: "2.5" is not a block’s number. Blocks count from 1 to 20.'],
    [['--delete', ','], '--delete: no block is given. Blocks count from 1 to 20.'],
    [
      ['--permute', '1,2,3'],
      '--permute: 3 blocks cannot change places. Give two block numbers, for example 3,7.',
    ],
    [['--permute', '4,4'], '--permute: block 4 is given twice. Give each block once.'],
    [
      ['--run', 'mine', '--blocks', '4'],
      '--blocks: the run says it already. Leave --blocks out, or the run.',
    ],
    [['--run', 'mine', '--delete', '1'], '--run: there is no run "mine". See `npx residual-lab runs list`.'],
  ])('%j', (args, line) => {
    expect(run(...args)).toEqual({ status: 2, stdout: '', stderr: `${line}\n` })
  })
})
