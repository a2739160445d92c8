import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

const run = (...args: string[]) => residualLab('shatter', ...args)

function residualLab(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    cwd: os.tmpdir(),
  })
  return { status, stdout, stderr }
}

describe('shatter', () => {
  test('prints one document as the contract says', () => {
    const { status, stdout } = run(
      ...[
        '--json',
        '--skip',
        'off',
        '--blocks',
        '2',
        '--center',
        'on',
        '--remedies',
        'none,batch-norm,rsqrt2',
      ],
      ...['--range', '-1,1', '--points', '64', '--batch', '32', '--replicas', '3'],
    )
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual([
      ...['version', 'device', 'experiment', 'points', 'range', 'center', 'beta', 'references', 'series'],
    ])
    expect(document).toMatchObject({ points: 64, range: [-1, 1], center: 'on' })
    expect(document.experiment).toMatchObject({ width: 200, stem: 'linear', blocks: 2, replicas: 3 })
    for (const { acf } of [...document.series, { acf: document.references.brown }]) {
      for (const statistic of ['mean', 'low', 'high']) expect(acf[statistic]).toHaveLength(33)
      expect(acf.mean[0]).toBeCloseTo(1, 12)
    }
    const [none, normalised, scaled] = document.series
    expect(none).toMatchObject({
      block: 'relu-linear',
      remedy: 'none',
      note: null,
      theory: 0.25,
      theoryNote: null,
    })
    expect(Math.abs(none.correlation - 0.25)).toBeLessThan(0.05)
    expect(normalised.theory).toBe(0.25)
    expect(scaled.note).toMatch(/no sums/)
    expect(Object.keys(none)).toEqual([
      ...['block', 'remedy', 'reference', 'blocks', 'skip', 'note'],
      ...['acf', 'correlation', 'correlationBand', 'theory', 'theoryNote'],
    ])
  })

  test('references and beta; an experiment’s file may hold the settings, and options win over it', () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'shatter-')), 'experiment.json')
    const small = { blocks: 2, width: 16, replicas: 2, batch: 8, remedies: ['none', 'batch-norm'] }
    const shatter = { points: 32, center: 'on', references: 'on', beta: 0.1 }
    fs.writeFileSync(file, JSON.stringify({ version: 1, ...small, shatter }))
    const document = JSON.parse(run('--json', '--experiment', file, '--beta', '0.5').stdout)
    expect(document).toMatchObject({ points: 32, center: 'on', beta: 0.5 })
    const names = document.series.map((one: Record<string, unknown>) => [
      one.reference,
      one.remedy,
      one.blocks,
      one.skip,
    ])
    expect(names).toEqual([
      ['shallow plain', 'none', 1, 'off'],
      ['deep plain', 'none', 2, 'off'],
      [null, 'none', 2, 'on'],
      [null, 'batch-norm', 2, 'on'],
    ])
  })

  test('where there is no closed form, theory is null with a reason', () => {
    const { stdout } = run(
      '--json',
      '--block',
      'original',
      '--blocks',
      '2',
      '--replicas',
      '1',
      '--points',
      '16',
    )
    expect(JSON.parse(stdout).series[0]).toMatchObject({
      theory: null,
      theoryNote: expect.stringMatching(/^No theory: /),
    })
  })

  test('a table for people', () => {
    const { stdout } = run('--blocks', '2', '--replicas', '2', '--lags', '4')
    expect(stdout).toMatch(/relu-linear +none +0\.988 \(0\.988 to 0\.988\) +0\.953 .* 0\.5816$/m)
    expect(stdout).toContain('brown noise')
  })

  test('linear regions of the line, plain and residual, and a run of them', () => {
    const data = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-regions-'))
    vi.stubEnv('RESIDUAL_LAB_DATA', data)
    try {
      const small = ['--regions', '--blocks', '3', '--width', '12', '--center', 'on', '--points', '32']
      const document = JSON.parse(run(...small, '--keep', '--json').stdout)
      expect(Object.keys(document)).toEqual([
        ...['version', 'experiment', 'run', 'points', 'range', 'center', 'beta', 'series'],
      ])
      expect(document.series).toMatchObject([
        { block: 'relu-linear', remedy: 'none', skip: 'off', blocks: 3, note: null },
        { skip: 'on' },
      ])
      for (const { regions, networks, breaks } of document.series) {
        expect(networks).toHaveLength(3)
        expect(networks[0]).toMatchObject({ isExact: true, cutAt: null, cause: null })
        const [first, ...places] = [networks[0].counts, ...breaks.map((own: number[]) => own.length)]
        expect(first).toEqual([
          1,
          1 + places[0],
          1 + places[0] + places[1],
          1 + places[0] + places[1] + places[2],
        ])
        const last = networks.map(({ counts }: { counts: number[] }) => counts[3])
        expect(regions.mean[3]).toBeCloseTo((last[0] + last[1] + last[2]) / 3, 10)
      }
      const table = run(...small).stdout
      const plain = Math.round(document.series[0].regions.mean[3])
      expect(table).toMatch(/^plain +\d+ \(\d+ to \d+\)/m)
      expect(table).toContain(`after 3 blocks: ${plain} in the plain network`)

      const shown = JSON.parse(residualLab('runs', 'show', document.run, '--json').stdout)
      expect(shown).toMatchObject({ kind: 'regions', device: 'float64', varied: 'skip connection: on, off' })
      expect(shown.command).toMatch(/^npx residual-lab shatter .* --regions$/)
      const verified = JSON.parse(residualLab('runs', 'verify', document.run, '--json').stdout)
      expect(verified).toMatchObject({ verdict: 'identical', where: null })
    } finally {
      vi.unstubAllEnvs()
      fs.rmSync(data, { recursive: true, force: true })
    }
  })
})

test.each([
  [
    ['--network', 'resnet20-cifar'],
    'block: “original-conv” holds 2-D convolution 1, and shatter needs one value a unit, the same each ' +
      'time. Choose a block of linear layers, activations, norms, scales and sums.',
  ],
  [['--points', '4'], '--points: 4 is out of range. Give a whole number from 8 to 65536.'],
  [['--points', 'many'], '--points: "many" is not a whole number. Give a whole number from 8 to 65536.'],
  [
    ['--points', '32', '--lags', '40'],
    '--lags: a lag of 40 points needs more than 32 points. Give more points, or a lag below 32.',
  ],
  [
    ['--range', '-2'],
    '--range: "-2" is not a range. Give two numbers with a comma between them, for example -2,2.',
  ],
  [
    ['--range', '1,a'],
    '--range: "1,a" is not a range. Give two numbers with a comma between them, for example -2,2.',
  ],
  [
    ['--range', '2,-2'],
    '--range: 2,-2 does not go from a smaller number to a larger one. Give two numbers with room for 256 ' +
      'different points, for example -2,2.',
  ],
  [['--center', 'yes'], '--center: "yes" is not a choice. Give on or off.'],
  [['--beta', 'small'], '--beta: "small" is not a number. Give a number from 0 to 100.'],
  [['--references', 'all'], '--references: "all" is not a choice. Give on or off.'],
  [['--input', 'mnist1d'], '--input: shatter’s networks have one input, a point of the line. Leave it out.'],
  [['--input', 'data'], '--input: shatter’s networks have one input, a point of the line. Leave it out.'],
  [['--stem', 'none'], '--stem: shatter’s one input needs a linear layer to N units. Leave it out.'],
  [
    ['--regions', '--remedies', 'none,rsqrt2'],
    '--remedies: linear regions are counted of one block with one remedy, and here are 2. Give one remedy.',
  ],
  [
    ['--regions', '--lags', '4'],
    '--lags: it says nothing of linear regions. Leave it out, or leave out --regions.',
  ],
  [
    ['--regions', '--references', 'on'],
    '--references: it says nothing of linear regions. Leave it out, or leave out --regions.',
  ],
  [['--width', '0'], '--width: 0 is out of range. Give a whole number from 1 to 16384.'],
])('bad input: %j: exit 2 and one line', (args, line) => {
  expect(run(...args)).toEqual({ status: 2, stdout: '', stderr: `${line}\n` })
})

describe('shatter --run', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shatter-run-'))
  beforeAll(() => void (process.env.RESIDUAL_LAB_DATA = folder))
  afterAll(() => {
    delete process.env.RESIDUAL_LAB_DATA
    fs.rmSync(folder, { recursive: true, force: true })
  })

  test('measures a logit of trained networks between two test samples, dense and convolutional', () => {
    const small = ['--data', 'digits', '--blocks', '2', '--steps', '8', '--replicas', '2', '--width', '8']
    for (const own of [
      ['--input', 'data'],
      ['--input', 'data-grid', '--block', 'full-preactivation-conv'],
    ]) {
      expect(residualLab('train', ...small, ...own, '--name', 'mine').status).toBe(0)
      const { status, stdout } = run('--run', 'last', '--from', '4', '--to', '9', '--points', '32', '--json')
      expect(status).toBe(0)
      const document = JSON.parse(stdout)
      expect(document).toMatchObject({ line: { from: 4, to: 9 }, points: 32, range: [0, 1] })
      expect(document.series[0].acf.mean).toHaveLength(17)
      expect(document.series[0].acf.mean[0]).toBe(1)
      expect(document.series[0].curve.slope).toHaveLength(32)
      const { step, replayed, correlation, theory } = document.series[0]
      expect([document.series.length, step, replayed, theory]).toEqual([1, 8, false, null])
      expect(Math.abs(correlation)).toBeLessThanOrEqual(1)
    }
  })

  test('at any step, the others than the last trained again', () => {
    const small = ['--data', 'digits', '--input', 'data', '--blocks', '2', '--width', '8', '--steps', '12']
    const own = [
      '--evaluate-every',
      '4',
      '--replicas',
      '2',
      '--shattering',
      'on',
      '--remedies',
      'none,batch-norm',
    ]
    const trained = JSON.parse(residualLab('train', ...small, ...own, '--name', 'steps', '--json').stdout)
    const steps = ['--run', 'steps', '--points', '16', '--steps', 'last,4,0,12,5']
    const { series } = JSON.parse(run(...steps, '--json').stdout)
    const of = (one: Record<string, unknown>) => [one.remedy, one.step, one.replayed, one.agrees]
    expect(series.map(of)).toEqual(
      [0, 4, 5, 12].flatMap((step) =>
        ['none', 'batch-norm'].map((remedy) => {
          const agrees = step === 12 || step === 5 ? null : true
          return [remedy, step, step < 12, agrees]
        }),
      ),
    )
    for (const { remedy, step, correlation, train, test: tested } of series) {
      const { curve } = trained.series.find((one: { remedy: string }) => one.remedy === remedy)
      const at = curve.step.indexOf(step)
      if (at < 0) continue
      expect(correlation).toBe(curve.gradientCorrelation.mean[at])
      expect(train.loss.mean).toBe(curve.train.loss.mean[at])
      expect(tested.error.high).toBe(curve.test.error.high[at])
    }
    const { stdout } = run(...steps)
    expect(stdout).toMatch(/^relu-linear +batch-norm +4 +/m)
    expect(stdout).toContain('From initialisation to step 12, gradients have')
    expect(stdout).toContain('has a training error of')
  })

  test.each([
    [['--run', 'last', '--regions'], '--regions: linear regions are counted in networks of one input'],
    [['--run', 'last', '--keep'], '--keep: what shatter measures of a run’s trained networks is printed'],
    [['--run', 'last', '--to', '400'], '--to: '],
    [['--run', 'last', '--center', 'on'], '--center: trained networks are measured as they are'],
    [
      ['--run', 'steps', '--steps', '13'],
      '--steps: the run’s networks have made 12 updates, and step 13 is beyond',
    ],
    [
      ['--run', 'last', '--steps', '1,'],
      '--steps: "" is no number of updates. Give numbers of updates, from 0, and',
    ],
    [['--run', 'last', '--steps', '2.5'], '--steps: "2.5" is no number of updates.'],
    [['--steps', '3'], '--steps: it is of trained networks. Name their run: --run RUN.'],
    [['--run', 'nobody'], '--run: there is no run "nobody".'],
    [['--from', '3'], '--from: it is of trained networks. Name their run: --run RUN.'],
  ])('%j is refused in one line', (args, message) => {
    const { status, stderr } = run(...args)
    expect([status, stderr.trim().split('\n').length]).toEqual([2, 1])
    expect(stderr).toContain(message)
  })
})
