import { expect, test } from 'vitest'
import { readOpened } from '../../../renderer/base/opened'
import type { readUntrusted } from '../../../renderer/compute/unpack'
import { readGiven } from '../../../renderer/state/dropped'
import { presetNamed } from '../../../shared/block/presets'
import { defaultExperiment } from '../../../shared/settings/table'

// In a browser a worker reads them, see test/e2e; here the same function does.
const read = (async (_task: string, { text, name }: { text: string; name: string }) =>
  readOpened(text, name)) as unknown as typeof readUntrusted
const file = (name: string, content: unknown) =>
  new File([typeof content === 'string' ? content : JSON.stringify(content)], name)
const experiment = (name: string, seed = 1) => file(name, { ...defaultExperiment(), seed })
const block = (name: string) => file(name, presetNamed('practical'))
const given = (...files: File[]) => readGiven(files, read)

test('blocks are offered all, of experiments the first is shown and the others are named', async () => {
  const found = await given(
    block('a.json'),
    experiment('b.reslab', 7),
    block('c.reslab'),
    experiment('d.json'),
  )
  expect(found.blocks.map(({ name }) => name)).toEqual(['a.json', 'c.reslab'])
  expect(found.experiment).toMatchObject({ name: 'b.reslab', value: { seed: 7 } })
  expect(found.left).toBe('A window shows one experiment: d.json was not opened.')
  const more = await given(experiment('a.json'), experiment('b.json'), experiment('c.json'))
  expect(more.left).toBe('A window shows one experiment: b.json and c.json were not opened.')
})

test('a workspace that was kept aside is its experiment', async () => {
  const kept = { version: 1, experiment: { ...defaultExperiment(), seed: 9 }, view: {} }
  const found = await given(file('workspace.json.kept-1234abcd', kept))
  expect(found).toMatchObject({ experiment: { value: { seed: 9 } }, left: '' })
  const { left } = await given(file('w.json', { ...kept, experiment: { width: 'wide' } }))
  expect(left).toContain('w.json.experiment.width: ')
})

test('each file that is none of ours is named, and the others are opened', async () => {
  const found = await given(file('notes.txt', 'Dear diary'), block('a.json'))
  expect(found.blocks).toHaveLength(1)
  expect(found.left).toMatch(/^notes\.txt: this is not JSON \(line 1, column 1: .*\)\. /)
  const other = await given(file('package.json', { name: 'another', version: '1' }))
  expect(other).toMatchObject({ blocks: [], experiment: null })
  expect(other.left).toBe(
    'package.json: this is neither an experiment nor a block. Choose an experiment or a block saved by Residual Lab.',
  )
  // One that is ours, but for a field.
  expect((await given(file('mine.json', { blocks: 3, gauge: 1 }))).left).toMatch(/^mine\.json\.gauge: /)
})

test('a file that is too large is not read, nor what cannot be read as a file', async () => {
  let reads = 0
  const large = {
    name: 'large.json',
    size: 9 * 2 ** 20,
    text: async () => String(reads++),
  } as unknown as File
  const folder = {
    name: 'folder',
    size: 0,
    text: () => Promise.reject(new Error('NotFound')),
  } as unknown as File
  const { left } = await given(large, folder)
  expect(left).toBe(
    'large.json: this file is larger than 8 MB. Choose an experiment or a block saved by Residual Lab. ' +
      'folder: it cannot be read as a file. Choose an experiment or a block saved by Residual Lab.',
  )
  expect(reads).toBe(0)
})

test('many at once are an accident: the first are looked at, and what is said stays short', async () => {
  const { left, blocks } = await given(
    ...Array.from({ length: 10 }, (_, i) => file(`${i}.txt`, 'no')),
    ...Array.from({ length: 15 }, (_, i) => block(`${i}.json`)),
  )
  expect(blocks).toHaveLength(10)
  expect(left.match(/\.txt: /g)).toHaveLength(3)
  expect(left).toMatch(
    / 7 more files are none of ours\. Of so many files only the first 20 were looked at\.$/,
  )
})
