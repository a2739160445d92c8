import * as fs from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { labFolder } from './lab-folder'

const SMALL = '--blocks 3 --width 12 --batch 16 --replicas 2'

const { folder, inFolder, lab } = labFolder('figure')
beforeAll(() => {
  expect(lab(`signal ${SMALL} --remedies none,batch-norm --keep --name measured`).status).toBe(0)
}, 120_000)

const text = (name: string) => fs.readFileSync(inFolder(name), 'utf8')

test('a figure of a run, with its numbers beside it, the same byte for byte', () => {
  const { stdout } = lab(
    'figure signal --run measured --chart p --format svg --out a.svg --theme print --json',
  )
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ version: 1, chart: 'p', format: 'svg' },
    ...{ path: inFolder('a.svg'), data: inFolder('a.csv') },
    caption: expect.stringContaining('run: measured (') as string,
  })
  expect(text('a.svg')).toContain('>Type 2 + batch norm</text>')
  expect(text('a.csv')).toMatch(/^# figure: Backward: gradient p\r\n/)
  expect(text('a.csv').match(/^Type 2 \+ batch norm,p,/gm)).toHaveLength(4)
  expect(lab('figure signal --run measured --chart p --format svg --out b.svg --theme print').status).toBe(0)
  expect(text('b.svg')).toBe(text('a.svg'))
})

test('PDF and PNG are what they say', () => {
  expect(lab('figure signal --run measured --format pdf --out c.pdf --size page').status).toBe(0)
  expect(text('c.pdf').slice(0, 5)).toBe('%PDF-')
  expect(lab('figure signal --run measured --format png --out c.png --dpi 100').status).toBe(0)
  expect([...fs.readFileSync(inFolder('c.png')).subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
})

test('what is measured for a figure is kept as a run, which the figure names', () => {
  const { stdout } = lab(
    `figure order --block original,full-preactivation ${SMALL} --format svg --out d.svg --json`,
  )
  const { run } = JSON.parse(stdout) as { run: string }
  expect(text('d.svg')).toContain(run)
  expect(lab('runs list').stdout).toContain(run)
})

describe('refused by name, and nothing is written', () => {
  test.each([
    ['figure signal --run measured --out x.svg', '--format: it is missing.'],
    ['figure signal --run measured --format svg', '--out: it is missing.'],
    ['figure signal --run measured --format gif --out x.gif', '--format: "gif" is not a choice.'],
    [
      'figure signal --run measured --format svg --out x.svg --chart loss',
      'has no chart "loss". Choose q, v, m, p',
    ],
    [
      'figure signal --run measured --format svg --out x.svg --blocks 3',
      '--blocks: the run says it already.',
    ],
    [
      'figure train --run measured --format svg --out x.svg',
      'is a run of signal, which has no figure of train.',
    ],
    ['figure signal --run measured --format svg --out x.svg --dpi 100', '--dpi: only a PNG has pixels.'],
    ['figure signal --run measured --format png --out x.png --dpi 5', '--dpi: "5" is no resolution.'],
    ['figure signal --run measured --format svg --out nowhere/x.svg', '--out: there is no folder'],
    ['figure signal --run measured --format svg --out x.csv', '--out: the figure’s numbers have this name.'],
  ])('%s', (line, words) => {
    const { status, stderr } = lab(line)
    expect(stderr).toContain(words)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(2)
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('x'))).toEqual([])
  })

  test('a file that is there, unless --force', () => {
    fs.writeFileSync(inFolder('there.svg'), 'mine')
    const line = 'figure signal --run measured --format svg --out there.svg'
    expect(lab(line)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is there already') as string,
    })
    expect(text('there.svg')).toBe('mine')
    expect(lab(`${line} --force`).status).toBe(0)
    expect(text('there.svg')).toContain('<svg')
  })
})
