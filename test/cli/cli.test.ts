import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')
let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    cwd: folder,
  })
  return { status, stdout, stderr }
}

const file = (name: string, content: unknown) => {
  fs.writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  return name
}

test('the help of a command lists the options of all commands, too', () => {
  const { status, stdout } = run('signal', '--help')
  expect(status).toBe(0)
  expect(stdout).toMatch(/--blocks <[\s\S]*Global Options:[\s\S]*--device <DEVICE> +what computes here/)
})

describe('signal --json', () => {
  test('prints one document as the contract says, and nothing else', () => {
    const { status, stdout } = run(
      ...['signal', '--json', '--block', 'relu-linear,original', '--remedies', 'none,batch-norm'],
      ...['--blocks', '4', '--width', '24', '--replicas', '3', '--batch', '16', '--seed', '7'],
    )
    expect(status).toBe(0)
    const document = JSON.parse(stdout)
    expect(Object.keys(document)).toEqual(['version', 'device', 'experiment', 'series'])
    expect(document.experiment).toMatchObject({
      blocks: 4,
      width: 24,
      replicas: 3,
      batch: 16,
      seed: 7,
      init: 'he',
    })
    const names = document.series.map((s: { block: string; remedy: string }) => `${s.block}/${s.remedy}`)
    expect(names).toEqual([
      'relu-linear/none',
      'relu-linear/batch-norm',
      'original/none',
      'original/batch-norm',
    ])
    for (const series of document.series) {
      for (const quantity of ['q', 'v', 'm', 'p']) {
        for (const statistic of ['mean', 'median', 'low', 'high']) {
          expect(series[quantity][statistic]).toHaveLength(5)
          expect(series[quantity][statistic].every(Number.isFinite)).toBe(true)
        }
        expect(series.theory[quantity]).toHaveLength(5)
      }
      expect(series.weightGradientNorm2.mean).toHaveLength(4)
      expect(series.p.mean[4]).toBe(1)
    }
    expect(document.series[0].note).toBeNull()
    expect(document.series[3].note).toBe(
      'The branch already has a normalisation, so the remedy leaves it as it is.',
    )
  })

  test('numbers that are not finite are strings', () => {
    const { stdout } = run(
      'signal',
      '--json',
      '--blocks',
      '300',
      '--width',
      '16',
      '--replicas',
      '1',
      '--batch',
      '4',
    )
    const [{ q, theory }] = JSON.parse(stdout).series
    expect(q.mean).toContain('Infinity')
    expect(theory.q[300]).toBeGreaterThan(1e90)
  })

  test('every option may come from a file, and an option beside it wins', () => {
    const experiment = file('e.json', {
      version: 1,
      blocks: 3,
      width: 16,
      replicas: 2,
      batch: 8,
      block: ['practical'],
    })
    const { stdout } = run('signal', '--json', '--experiment', experiment, '--blocks', '2')
    expect(JSON.parse(stdout)).toMatchObject({
      experiment: { blocks: 2, width: 16 },
      series: [{ block: 'practical' }],
    })
  })

  test('a block from a file', () => {
    const block = file('mine.json', {
      name: 'mine',
      nodes: [
        { id: 'l', op: 'linear', inputs: ['input'], units: 1 },
        { id: 's', op: 'sum', inputs: ['input', 'l'] },
      ],
      output: 's',
    })
    const { stdout } = run(
      'signal',
      '--json',
      '--block',
      block,
      '--blocks',
      '2',
      '--width',
      '50',
      '--batch',
      '8',
    )
    const [series] = JSON.parse(stdout).series
    expect(series.block).toBe('mine')
    // A linear branch with He's variance adds twice the mean square.
    expect(series.theory.q).toEqual([1, 3, 9])
  })
})

test('theory measures nothing and gives the same curves', () => {
  const { status, stdout } = run(
    'theory',
    '--json',
    '--block',
    'relu-linear',
    '--blocks',
    '5',
    '--remedies',
    'none,rsqrt2',
  )
  expect(status).toBe(0)
  const { series } = JSON.parse(stdout)
  expect(series.map((s: { theory: { q: number[] } }) => s.theory.q[5])).toEqual([32, expect.closeTo(1, 12)])
  expect(Object.keys(series[0])).toEqual([
    'block',
    'remedy',
    'note',
    'theory',
    'theoryNote',
    'theoryRemark',
    'finiteWidth',
  ])
})

test('theory is null where it has no answer, and says why', () => {
  const { stdout } = run('theory', '--json', '--input', 'mnist1d', '--width', '40')
  const [{ theory, theoryNote }] = JSON.parse(stdout).series
  expect(theory).toEqual({ q: null, v: null, m: null, p: null })
  expect(theoryNote.q).toBe('No theory: the input’s values are not Gaussian; with a linear stem they are.')
})

test('presets lists blocks and remedies', () => {
  const { blocks, remedies } = JSON.parse(run('presets', '--json').stdout)
  expect(blocks).toHaveLength(10)
  expect(remedies.map((r: { name: string }) => r.name)).toContain('skipinit')
  expect(run('presets').stdout).toContain('full-preactivation')
})

describe('bad input: exit 2 and one line on standard error, before TensorFlow is loaded', () => {
  test.each([
    [
      ['signal', '--block', 'relu-linaer'],
      '--block: there is no block "relu-linaer". Did you mean "relu-linear"?',
    ],
    [
      ['signal', '--remedies', 'batchnorm'],
      '--remedies: there is no remedy "batchnorm". Did you mean "batch-norm"?',
    ],
    [['signal', '--width', '-3'], '--width: -3 is out of range. Give a whole number from 1 to 16384.'],
    [
      ['signal', '--width', 'NaN'],
      '--width: "NaN" is not a whole number. Give a whole number from 1 to 16384.',
    ],
    [
      ['signal', '--blocks', '1e9'],
      '--blocks: 1000000000 is out of range. Give a whole number from 1 to 10000.',
    ],
    [['signal', '--gain', 'Infinity'], '--gain: "Infinity" is not a number. Give a number from 0 to 100.'],
    [
      ['signal', '--blocks', '0x10'],
      '--blocks: "0x10" is not a whole number. Give a whole number from 1 to 10000.',
    ],
    [['bogus'], "unknown command 'bogus'. See `npx residual-lab help`."],
    [
      ['report', 'last'],
      "too many arguments for 'report'. Expected 0 arguments but got 1. See `npx residual-lab help`.",
    ],
    [['signal', '--blks', '3'], "unknown option '--blks' (Did you mean --blocks?)"],
    [
      ['signal', '--input', 'mnist1d'],
      '--stem: MNIST-1D has 40 values a sample and the network is 100 wide. Use stem "linear", or width 40.',
    ],
    [
      ['theory', '--experiment', 'none.json'],
      '--experiment: there is no file none.json. Give the path of a JSON file that can be read.',
    ],
    [['singal'], "unknown command 'singal' (Did you mean signal?)"],
    [
      ['serve', '--port', '70000'],
      '--port: "70000" is not a port. Give a whole number from 0 to 65535 (0: a free one).',
    ],
  ])('%j', (args, line) => {
    const { status, stdout, stderr } = run(...args)
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: `${line}\n` })
  })

  test('a malformed file names the field', () => {
    const { status, stderr } = run('signal', '--experiment', file('bad.json', { width: 'wide' }))
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'bad.json.width: "wide" is not a whole number. Give a whole number from 1 to 16384.\n',
    })
  })

  test('what is not JSON is said to be that', () => {
    const { status, stderr } = run('signal', '--experiment', file('noise.json', '{"width": 3'))
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^noise\.json: this is not JSON \(.*\)\. Save it from the workbench again, or mend it by hand\.\n$/,
    )
  })

  test('networks that do not fit are refused with both numbers', () => {
    const { status, stderr } = run('signal', '--width', '16384', '--blocks', '10000', '--replicas', '100')
    expect(status).toBe(2)
    expect(stderr).toMatch(
      /^size: these networks need about [\d.,]+ GiB of memory and [\d.]+ GiB is free\. Lower .*\n$/,
    )
  })
})
