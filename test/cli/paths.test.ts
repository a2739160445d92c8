import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { describe, expect, test } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'paths', ...args], {
    encoding: 'utf8',
    cwd: os.tmpdir(),
    maxBuffer: 64 * 2 ** 20,
  })
  return { status, stdout, stderr }
}

describe('paths', () => {
  test('prints one document as the contract says', () => {
    const { status, stdout } = run('--json', '--remedies', 'none,rsqrt2', '--replicas', '2')
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(['version', 'experiment', 'counts', 'series'])
    expect(document.experiment).toMatchObject({ blocks: 4, width: 16, replicas: 2, batch: 32 })
    expect(document.counts).toMatchObject({ paths: '16', throughOneBlock: '8' })
    for (const { measured, theory } of document.series) {
      expect(measured.lengths.map((l: { count: string }) => l.count)).toEqual(['1', '4', '6', '4', '1'])
      expect(measured.terms).toHaveLength(16)
      expect(measured.terms[5]).toMatchObject({ blocks: [1, 3], length: 2 })
      expect(measured.firstDerivative.terms[3].text).toBe('∂f2/∂f1 ∂f3/∂f2')
      expect(measured.relativeError.high).toBeLessThan(1e-12)
      expect(theory.energyShare[2]).toBeCloseTo(0.375, 12)
    }
  })

  test('a table for people', () => {
    const { stdout } = run()
    expect(stdout).toContain('4 blocks: 16 paths')
    expect(stdout).toContain('squared terms do not add up to the squared sum')
  })

  test('counts of 1,000 blocks, and a data set', () => {
    const { counts, series } = JSON.parse(run('--json', '--blocks', '1000', '--terms', 'none').stdout)
    expect(counts.paths).toBe(String(2n ** 1000n))
    expect(series[0].measured).toBeNull()
    expect(run('--input', 'mnist1d', '--stem', 'linear').status).toBe(0)
  })

  test('a sample of paths, beyond what can be listed', () => {
    const { series } = JSON.parse(run('--json', '--blocks', '30', '--terms', 'sample').stdout)
    const { lengths, sampled, terms, relativeError } = series[0].measured
    expect([lengths, terms, relativeError]).toEqual([null, null, null])
    expect(sampled.paths).toBe(400)
    expect(sampled.lengths).toHaveLength(31)
    expect(sampled.lengths[15]).toMatchObject({ length: 15, count: '155117520' })
    expect(sampled.lengths[15].share.error).toBeGreaterThan(0)
    expect(run('--blocks', '30', '--terms', 'sample').stdout).toContain('400 drawn')
  })

  test('a trained network next to itself at initialisation', () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'paths-')), 'experiment.json')
    const settings = { blocks: 3, width: 8, batch: 32, steps: 12, trainReplicas: 4, learningRate: 0.02 }
    fs.writeFileSync(file, JSON.stringify({ version: 1, ...settings, remedies: ['none', 'batch-norm'] }))
    const { status, stdout } = run('--train', '--experiment', file, '--json')
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(['version', 'device', 'experiment', 'counts', 'series'])
    expect(document.experiment).toMatchObject({ input: 'mnist1d', stem: 'linear', replicas: 1, steps: 12 })
    expect(document.series).toHaveLength(2)
    expect(document.series[0].theory.energyShare).toHaveLength(4)
    for (const { trained, measured, initial } of document.series) {
      expect(trained).toMatchObject({ steps: 12, samples: 20, failure: null })
      expect(trained.loss).toBeGreaterThan(0)
      expect(trained.error).toBeLessThanOrEqual(1)
      expect(measured.terms).toHaveLength(8)
      expect(measured.relativeError.high).toBeLessThan(1e-12)
      expect(measured.lengths[1].share.mean).not.toBe(initial.lengths[1].share.mean)
    }
    const text = run('--train', '--experiment', file, '--remedies', 'none').stdout
    expect(text).toContain('one network each, trained for 12 steps at learning rate 0.0200')
    expect(text).toMatch(/Training (moves|hardly moves) gradient energy/)
    fs.writeFileSync(file, JSON.stringify({ version: 1, ...settings, learningRate: 1000 }))
    const diverged = run('--train', '--experiment', file)
    expect(diverged.stdout).toContain('Lower the learning rate (it is 1000), or choose a remedy.')
  })

  test.each([
    [
      ['--train', '--terms', 'none'],
      '--train: with --terms none nothing is measured. Leave one of them out.',
    ],
    [
      ['--blocks', '13'],
      '--blocks: 13 blocks have 2^13 terms, more than can be listed (12 blocks, 4096 terms). Give at most ' +
        '12, or group them with --terms length (exact) or --terms sample (--terms none: counts and theory ' +
        'only).',
    ],
    [['--terms', 'lenght'], '--terms: "lenght" is not a choice. Did you mean "length"?'],
  ])('%j', (args, line) => {
    expect(run(...args)).toEqual({ status: 2, stdout: '', stderr: `${line}\n` })
  })
})
