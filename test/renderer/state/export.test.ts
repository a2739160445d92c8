import { afterEach, expect, it, vi } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { parseBlockGraph } from '../../../shared/block/file'
import { defaultExperiment } from '../../../shared/settings/table'
import { Exports, fileStem } from '../../../renderer/state/export'
import type { FileContent } from '../../../renderer/base/files'

const experiment = { ...defaultExperiment(), remedies: ['none', 'batch-norm'], seed: 7 }

it('names files after view, chart and experiment', () => {
  expect(fileStem({ view: 'lesions', chart: 'each', experiment })).toBe(
    'residual-lab-lesions-each-relu-linear-batch-norm-20x100-seed-7',
  )
  const drawn = { ...presetNamed('practical'), name: '../Mine & yours' }
  const long = Array.from({ length: 20 }, () => 'full-preactivation')
  expect(fileStem({ view: 'paths', experiment: { ...experiment, block: [drawn] } })).toBe(
    'residual-lab-paths-mine-yours-batch-norm-20x100-seed-7',
  )
  expect(fileStem({ view: 'order', experiment: { ...experiment, block: long } })).toMatch(
    /^residual-lab-order-(full-preactivation-)+full$/,
  )
})

it('spells encoding and type of numbers', () => {
  const saved: FileContent[] = []
  const exports = new Exports(
    (file) => Promise.resolve(void saved.push(file)),
    () => {},
  )
  const what = { view: 'signal', chart: 'q', experiment }
  exports.csv(what, { header: ['k', 'q'], rows: [[1, Infinity]] })
  const name = 'residual-lab-signal-q-relu-linear-batch-norm-20x100-seed-7'
  expect(saved).toEqual([
    { name: `${name}.csv`, content: 'k,q\r\n1,Infinity\r\n', encoding: 'text', type: 'text/csv' },
  ])
})

afterEach(() => vi.unstubAllGlobals())

it('saves a block as a file that reads as the same block, under a name that every system takes', () => {
  const saved: FileContent[] = []
  const exports = new Exports(
    (file) => Promise.resolve(void saved.push(file)),
    () => {},
  )
  const block = { ...presetNamed('practical'), name: 'mine/yours: 2' }
  exports.block(block)
  expect(saved).toMatchObject([{ name: 'mine-yours- 2.json', encoding: 'text', type: 'application/json' }])
  expect(parseBlockGraph(JSON.parse(saved[0].content), 'a file')).toMatchObject({ nodes: block.nodes })
})

it('says what was copied, and why not where the clipboard refuses', async () => {
  const said: [string, string?][] = []
  const exports = new Exports(
    () => Promise.resolve(),
    (...words) => said.push(words),
  )
  const writeText = vi.fn(() => Promise.resolve())
  vi.stubGlobal('navigator', { clipboard: { writeText } })
  await exports.command('npx residual-lab signal')
  await exports.text('{}', 'The text', 'Copied the text.')
  await exports.copy('a link', 'The link')
  expect(writeText.mock.calls).toEqual([['npx residual-lab signal'], ['{}'], ['a link']])
  expect(said).toEqual([['Copied the command line.'], ['Copied the text.']])

  said.length = 0
  writeText.mockRejectedValue(new Error('Write permission denied.'))
  await exports.command('npx residual-lab signal')
  await exports.text('{}', 'The text', 'Copied the text.')
  expect(said).toEqual([
    ['The command line could not be copied: Write permission denied.', 'error'],
    ['The text could not be copied: Write permission denied.', 'error'],
  ])
  await expect(exports.copy('a link', 'The link')).rejects.toThrow(
    'The link could not be copied: Write permission denied.',
  )
})
