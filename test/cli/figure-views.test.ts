import * as fs from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { labFolder } from './lab-folder'

const SMALL = '--blocks 3 --width 12 --batch 16'

const { inFolder, lab } = labFolder('figure-views')
beforeAll(() => {
  const made = [
    `train ${SMALL} --steps 20 --replicas 2 --remedies none,batch-norm --name learned`,
    `paths ${SMALL} --replicas 3 --keep --name unravelled`,
    `shatter --regions --block relu-linear ${SMALL} --center on --keep --name counted`,
    `order --block original,full-preactivation ${SMALL} --replicas 2 --name ordered`,
    'sweep signal --blocks 2,3 --gain 0.5,1 --width 12 --batch 16 --replicas 2 --remedies none,batch-norm --name swept',
  ]
  for (const line of made) expect(lab(line)).toMatchObject({ status: 0 })
}, 240_000)

const text = (name: string) => fs.readFileSync(inFolder(name), 'utf8')
const wordsOf = (name: string) => [...text(name).matchAll(/<text [^>]*>([^<]*)</g)].map(([, words]) => words)

interface Made {
  caption: string
  chart: string
  data: string | null
}
function made(line: string, out: string): Made {
  const { status, stdout, stderr } = lab(`figure ${line} --format svg --out ${out} --json`)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout) as Made
}

test.each([
  ['train --run learned', 'error', 'Type 2 + batch norm, train', /training: SGD/],
  ['train --run learned --chart loss', 'loss', 'Type 2, test', /n: 2 networks/],
  ['train --run learned --chart q --step 0', 'q', 'Forward: mean square q, step 0', /data: MNIST-1D/],
  ['train --run learned --chart update-ratio', 'update-ratio', 'Update/weight ratio, step 20', /seed: 1/],
  ['train --run learned --chart gradient-norm', 'gradient-norm', 'gradient norm', /width: N = 12/],
  ['paths --run unravelled', 'share', 'share of the energy', /input: Gaussian noise, batch of 16/],
  ['paths --run unravelled --chart terms', 'terms', '1·2·3', /n: 3 networks/],
  ['paths --run unravelled --chart energy', 'energy', 'energy of one path', /depth: L = 3/],
  ['shatter --run counted --chart breaks', 'breaks', 'plain Type 2', /input: a line of inputs/],
  ['order --run ordered --chart q-multiples', 'q-multiples', 'Original', /remedies: none, 1\/√2/],
  [
    'sweep --run swept',
    'map',
    'measured',
    /swept: Depth L, 2 values from 2 to 3; Gain, 2 values from 0\.5 to 1/,
  ],
  ['sweep --run swept --chart curve --at 0.5', 'curve', 'Type 2 + batch norm, theory', /runs: 4 of 4 points/],
  ['sweep --run swept --chart multiples', 'multiples', 'Depth L 3, Gain 0.5', /depth: L = 2 to L = 3/],
  ['theory --remedies none,rsqrt2 --chart p', 'p', 'Type 2 + 1/√2', /run: none, theory alone; program: Res/],
  [
    'runs --runs learned,ordered',
    'comparison',
    'q over block k',
    /run: learned \(.* \| ordered \(.*; program: Residual Lab [\d.]+\.$/,
  ],
  [
    'runs --runs learned,ordered --number test-error-step --group run --band range --scale log',
    'comparison',
    'learned',
    /block: Type 2 \| Original and Full pre-activation/,
  ],
])('%s', (line, chart, words, caption) => {
  const out = `figure-${line.replace(/\W+/g, '-')}.svg`
  const { data, ...figure } = made(line, out)
  expect(figure.chart).toBe(chart)
  expect(figure.caption).toMatch(caption)
  expect(wordsOf(out)).toContain(words)
  const [width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(text(out))!.slice(1).map(Number)
  const places = [...text(out).matchAll(/<text x="([-\d.]+)" y="([-\d.]+)"/g)].map(([, ...place]) =>
    place.map(Number),
  )
  expect(places.filter(([x, y]) => x < 0 || y < 0 || x > width || y > height)).toEqual([])
  const [head] = fs.readFileSync(data!, 'utf8').split(/\r\n(?!#)/)
  expect(head).toContain(`# ${figure.caption.split('; ')[0]}`)
})

test('a network as all of its paths is drawn, and has no numbers', () => {
  const { data, caption } = made('paths --run unravelled --chart unravelled', 'unravelled.svg')
  expect(data).toBeNull()
  expect(
    wordsOf('unravelled.svg')
      .filter((words) => /^f[₁₂₃]$/.test(words))
      .sort(),
  ).toEqual([...'₁₁₁₁₂₂₃'].map((index) => `f${index}`))
  expect(caption).toContain('depth: L = 3')
})

test('a chart over blocks is of the step that is asked for', () => {
  const meanAt = (step: number) => {
    const { data } = made(`train --run learned --chart q --step ${step} --force`, `at-${step}.svg`)
    const row = fs.readFileSync(data!, 'utf8').match(/^Type 2,3,([\d.]+),/m)
    return Number(row?.[1])
  }
  expect(meanAt(0)).toBeGreaterThan(0)
  expect(meanAt(0)).not.toBe(meanAt(20))
})

test('the numbers of a map are those of its runs', () => {
  const { data } = made('sweep --run swept --number q-last', 'numbers.svg')
  const rows = fs
    .readFileSync(data!, 'utf8')
    .trim()
    .split('\r\n')
    .filter((row) => !row.startsWith('#'))
  expect(rows[0]).toBe('point,blocks,gain,series,figure,mean,low,high,theory,run')
  expect(rows).toHaveLength(1 + 4)
  const [, , , , , mean, , , , run] = rows[1].split(',')
  const { figures } = JSON.parse(lab(`runs show ${run} --json`).stdout) as { figures: { value: number }[] }
  expect(Number(mean)).toBe(figures[0].value)
})

describe('refused by name, with what there is', () => {
  test.each([
    [
      'network',
      "unknown command 'network'. Choose signal, shatter, train, depth, order, lesion, paths, theory, sweep, runs",
    ],
    ['train --run learned --chart q --step 7', 'keeps its networks at other steps than "7". Choose 0, '],
    ['sweep --run learned', 'is no point of a sweep'],
    ['sweep --run swept --number cosine', 'has no "cosine". Choose growth, gradient-growth, rate, q-last'],
    ['sweep --run swept --chart curve --at 7', '--at: Gain was never 7. Choose 0.5, 1.'],
    ['sweep --run swept --networks Mine', 'has no "Mine". Choose Type 2, Type 2 + batch norm.'],
    ['theory --chart loss', 'theory has no "loss" of these networks. Choose q, v, m, p.'],
    ['runs --runs learned --number cosine', 'these runs have no "cosine". Choose test-error-step'],
    [
      'runs --runs learned --number test-error-last --align time',
      '--align: only curves over steps are aligned.',
    ],
    ['shatter --run learned', 'becomes no run, and a figure belongs to one. Give a run of shatter'],
    ['runs --runs learned,nobody', 'there is no run "nobody"'],
    [
      'paths --run unravelled --chart plane',
      'has no chart "plane". Choose share, energy, counts, terms, first-terms, unravelled.',
    ],
  ])('%s', (line, words) => {
    const { status, stderr } = lab(`figure ${line} --format svg --out refused.svg`)
    expect(stderr).toContain(words)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(2)
    expect(fs.existsSync(inFolder('refused.svg'))).toBe(false)
  })
})
