import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'
import { dataSetOf } from '../../shared/data/samples'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-train-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'train', ...args], {
    encoding: 'utf8',
    cwd: os.tmpdir(),
    env: { ...process.env, RESIDUAL_LAB_DATA: folder },
  })
  return { status, stdout, stderr }
}

const small = ['--blocks', '3', '--width', '16', '--seeds', '3', '--batch', '50', '--no-keep']
const statistics = ['mean', 'median', 'low', 'high']

describe('train', () => {
  test('prints one document as the contract says, the same for the same seed', () => {
    const args = [
      '--json',
      ...small,
      ...['--remedies', 'rsqrt2,batch-norm', '--steps', '25', '--evaluate-every', '10'],
      ...[
        '--optimizer',
        'adamw',
        '--learning-rate',
        '0.003',
        '--weight-decay',
        '.01',
        '--schedule',
        'cosine',
      ],
    ]
    const { status, stdout } = run(...args)
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual([
      ...['version', 'device', 'experiment', 'run', 'xla', 'gpu', 'series'],
    ])
    expect(document).toMatchObject({
      version: 1,
      run: null,
      xla: null,
      experiment: { optimizer: 'adamw', replicas: 3 },
    })
    expect(document.series.map((s: { remedy: string }) => s.remedy)).toEqual(['rsqrt2', 'batch-norm'])
    for (const series of document.series) {
      expect(Object.keys(series)).toEqual([
        ...['block', 'remedy', 'skip', 'parameters', 'curve', 'final', 'failure', 'seconds'],
      ])
      expect(series).toMatchObject({ block: 'relu-linear', skip: 'on', failure: null })
      expect(series.curve.step).toEqual([0, 10, 20, 25])
      for (const samples of ['train', 'test']) {
        for (const quantity of ['loss', 'error']) {
          const curve = series.curve[samples][quantity]
          expect(Object.keys(curve)).toEqual(statistics)
          expect(curve.mean).toHaveLength(4)
          for (const one of statistics) expect(series.final[samples][quantity][one]).toBe(curve[one][3])
          expect(curve.low[3]).toBeLessThanOrEqual(curve.high[3])
        }
      }
      // Classes have no error in units.
      expect(Object.keys(series.final.test)).toEqual(['loss', 'error'])
      expect(series.curve.train.loss.mean[3]).toBeLessThan(series.curve.train.loss.mean[0])
      expect(series.curve.test.error.mean[0]).toBeGreaterThan(0.7)
    }
    // A linear stem from 40 values, three layers, and ten classes, with biases.
    expect(document.series[0].parameters).toBe(41 * 16 + 3 * 17 * 16 + 17 * 10)
    const numbers = (text: string) => JSON.parse(text).series.map((s: { curve: unknown }) => s.curve)
    expect(numbers(run(...args).stdout)).toEqual(numbers(stdout))
  })

  test('real targets: the squared error, what it leaves unexplained, and the error in the target’s unit', () => {
    const args = [
      ...[...small, '--data', 'sinc', '--seeds', '1', '--steps', '200'],
      ...['--remedies', 'batch-norm', '--optimizer', 'adamw', '--learning-rate', '0.003'],
    ]
    const document = JSON.parse(run('--json', ...args).stdout)
    const [{ curve, final }] = document.series
    const { training, test: tested, description } = dataSetOf({ data: 'sinc' })
    const spread = (y: Iterable<number>) => {
      const values = [...y]
      const mean = values.reduce((sum, one) => sum + one, 0) / values.length
      return values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length
    }
    const [variance, testVariance] = [training.y, tested.y].map((y) => spread(y.subarray(0, y.length)))
    expect(description.targets).toHaveLength(1)
    for (const { loss, error, rmse } of [curve.test, final.test]) {
      const last = (one: { mean: number | number[] }) => [one.mean].flat().at(-1)!
      expect(Object.keys(rmse)).toEqual(statistics)
      expect(last(rmse)).toBeCloseTo(Math.sqrt(last(loss) * variance), 6)
      expect(last(error)).toBeCloseTo((last(loss) * variance) / testVariance, 5)
    }
    // Always saying the mean leaves the standard deviation; the noise, 0.1, is what no network explains.
    expect(final.test.rmse.mean).toBeLessThan(0.7 * Math.sqrt(variance))
    expect(final.test.rmse.mean).toBeGreaterThan(0.09)

    const { stdout } = run(...args)
    expect(stdout).toMatch(
      /block +remedy +train loss +train error % +train RMSE +test loss +test error % +test RMSE +seconds\n/,
    )
    expect(stdout).toContain('RMSE: root mean squared error of y, √loss × its standard deviation over the')
    // Several targets have no unit in common.
    const several = run(...small, '--data', 'teacher-values', '--steps', '2', '--seeds', '1', '--json')
    expect(Object.keys(JSON.parse(several.stdout).series[0].final.test)).toEqual(['loss', 'error'])
  })

  test('a table for people, and a run that is kept under its name', () => {
    const { status, stdout } = run(...small.slice(0, -1), '--steps', '10', '--name', 'first try')
    expect(status).toBe(0)
    expect(stdout).toMatch(/3 blocks, width 16, n = 3; 10 steps of 50 samples/)
    expect(stdout).toMatch(/block +remedy +train loss +train error % +test loss +test error % +seconds\n/)
    expect(stdout).toMatch(/relu-linear +none +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+\n/)
    expect(stdout).toContain('\nmeans over networks, on all samples\n')
    expect(stdout).toMatch(/kept as [a-z]+-\d+\n/)
    expect(fs.readdirSync(path.join(folder, 'runs')).join()).toMatch(/[a-z]+-\d+/)
  })

  test('a convolutional block brings its stem; epochs are passes over the samples', () => {
    const block = path.join(folder, 'block.json')
    fs.writeFileSync(block, JSON.stringify(convolutional(presetNamed('full-preactivation'), 1)))
    for (const name of ['full-preactivation-conv-1d', block]) {
      const args = ['--block', name, '--blocks', '1', '--width', '4', '--seeds', '1', '--batch', '1000']
      const { status, stdout } = run('--json', ...args, '--epochs', '1', '--no-keep')
      expect(status).toBe(0)
      const { experiment, series } = JSON.parse(stdout)
      expect(experiment).toMatchObject({ input: 'sequence', stem: 'linear', steps: 4 })
      expect(series[0].curve.step).toEqual([0, 4])
    }
  })

  test('networks that break at once are told in the series, and that is no failure of the command', () => {
    const { status, stdout } = run('--json', ...small, '--learning-rate', '1000', '--blocks', '20')
    expect(status).toBe(0)
    const [{ failure, final }] = JSON.parse(stdout).series
    expect(failure).toMatchObject({ quantity: 'parameter', replicas: 3 })
    expect(failure.step).toBeLessThan(5)
    expect(final.test.loss.mean).toBe('NaN')
  })

  test.each([
    [['--batch', '4001'], '--batch: MNIST-1D has 4000 training samples, not 4001. Give at most 4000.'],
    [['--optimizer', 'adamm'], '--optimizer: "adamm" is not a choice. Did you mean "adam"?'],
    [['--data', 'mnist1'], '--data: "mnist1" is not a choice. Did you mean "mnist1d"?'],
    [['--milestones', '0.5,2'], '--milestones[1]: 2 is out of range. Give a number from 0 to 1.'],
    [['--steps', '5', '--epochs', '2'], '--epochs: the number of steps says it already. Leave'],
    [['--input', 'images'], 'input: Gaussian images have no labels to train on.'],
  ])('%j is refused in one line', (args, message) => {
    const { status, stdout, stderr } = run('--no-keep', ...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  // A limit on the size of files stands in for a full disk: what is small is written, a checkpoint is not.
  test.skipIf(process.platform === 'win32')(
    'a checkpoint that cannot be written is told in one line; the training is kept',
    () => {
      const size = [
        '--block',
        'relu-linear',
        '--blocks',
        '8',
        '--width',
        '80',
        '--seeds',
        '4',
        '--batch',
        '16',
      ]
      const command = [process.execPath, launcher, 'train', ...size, '--steps', '12', '--json']
      const script = `ulimit -f 400; exec ${command.map((word) => `"${word}"`).join(' ')}`
      const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
        encoding: 'utf8',
        env: { ...process.env, RESIDUAL_LAB_DATA: folder },
      })
      expect(status, stderr).toBe(0)
      expect(stderr.split('\n').filter((line) => line.startsWith('The checkpoint'))).toEqual([
        expect.stringMatching(
          /^The checkpoint could not be written: .* Training goes on; the last one is kept\.$/,
        ),
      ])
      const { run: id } = JSON.parse(stdout) as { run: string }
      const kept = JSON.parse(fs.readFileSync(path.join(folder, 'runs', id, 'run.json'), 'utf8'))
      expect(kept.entry).toMatchObject({ id, state: 'finished', canResume: false })
      expect(fs.readdirSync(path.join(folder, 'runs', id))).not.toContain('checkpoint.safetensors')
    },
  )
})
