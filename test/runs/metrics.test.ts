import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { crc32c, histogramOf } from '../../main/export/metrics/event-file'
import { METRICS_FORMATS, metricsFormat } from '../../main/export/metrics/formats'
import { writeMetrics } from '../../main/export/metrics/write-metrics'
import { openRunLibrary, type RunLibrary } from '../../main/runs/library'
import { newRun, outcome } from './runs'

let folder: string
let library: RunLibrary
let id: string
beforeEach(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-metrics-'))
  library = openRunLibrary(folder)
  const run = await library.keep(newRun({ created: '2026-01-01T00:00:00.000Z' }), outcome())
  id = run.id
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const inFolder = (...names: string[]) => path.join(folder, ...names)
const write = (format: string, out: string, force = false) =>
  writeMetrics(library, id, metricsFormat(format), { out: inFolder(out), force })

/** All files below a path, by name. */
function contents(at: string, name = ''): Record<string, string> {
  const file = path.join(at, name)
  if (!fs.statSync(file).isDirectory()) return { [name]: fs.readFileSync(file).toString('hex') }
  return Object.assign(
    {},
    ...fs.readdirSync(file).map((one) => contents(at, path.join(name, one))),
  ) as Record<string, string>
}

test.each(METRICS_FORMATS.map(({ name }) => name))(
  '%s is the same byte for byte, and leaves nothing else',
  async (name) => {
    await write(name, 'a')
    await write(name, 'b')
    expect(contents(inFolder('a'))).toEqual(contents(inFolder('b')))
    expect(fs.readdirSync(folder).sort()).toEqual(['a', 'b', 'runs'])
  },
)

describe('what is there', () => {
  test.each(METRICS_FORMATS.map(({ name }) => name))('gives way to force alone: %s', async (name) => {
    await write(name, 'a')
    await expect(write(name, 'a')).rejects.toThrow('is there already')
    await write(name, 'a', true)
    expect(fs.readdirSync(folder).sort()).toEqual(['a', 'runs'])
  })

  test('stays where it is somebody else’s', async () => {
    fs.mkdirSync(inFolder('mine', 'sub'), { recursive: true })
    fs.writeFileSync(inFolder('mine', 'sub', 'thesis.txt'), 'years')
    await expect(write('tensorboard', 'mine', true)).rejects.toThrow('is a folder that holds no export')
    await expect(write('csv', 'mine', true)).rejects.toThrow('is a folder that holds no export')
    expect(fs.readFileSync(inFolder('mine', 'sub', 'thesis.txt'), 'utf8')).toBe('years')
    await expect(write('csv', path.join('no', 'x'))).rejects.toThrow('there is no folder')
  })
})

test('a run without numbers is refused, and nothing is written', async () => {
  const { id: empty } = await library.keep(newRun(), outcome({ result: { series: [] } }))
  await expect(
    writeMetrics(library, empty, metricsFormat('csv'), { out: inFolder('x'), force: false }),
  ).rejects.toThrow(`"${empty}" has no numbers`)
  expect(fs.existsSync(inFolder('x'))).toBe(false)
})

test('checksums are those of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
})

test('histograms count each finite value once', () => {
  const found = histogramOf([1, 2, 2, 4, NaN, Infinity])!
  expect(found).toMatchObject({ min: 1, max: 4, count: 4, sum: 9, sumOfSquares: 25, ends: [2, 3, 4] })
  expect(found.counts).toEqual([1, 2, 1])
  expect(histogramOf([3, 3])).toMatchObject({ ends: [3], counts: [2] })
  expect(histogramOf([NaN])).toBeNull()
})
