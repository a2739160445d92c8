import { expect, test } from 'vitest'
import { RunDocuments, merged } from '../../../renderer/state/run-entries'
import { whenText } from '../../../renderer/state/run-words'
import type { RunDocument } from '../../../shared/runs/run'
import { entry } from '../../shared/runs/entries'

test('what has changed keeps its place, what is new stands first, what is gone is gone', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => entry({ id }))
  const renamed = { ...b, name: 'other' }
  const [d, e] = ['d', 'e'].map((id) => entry({ id }))
  expect(merged([a, b, c], [renamed, d, e], ['c'])).toEqual([e, d, a, renamed])
  expect(merged([a], [], ['unheard'])).toEqual([a])
})

test('a run is read once, again when it has changed, and again after it could not be', async () => {
  const documents = new RunDocuments()
  let reads = 0
  const read = () => Promise.resolve({ entry: entry({ id: `read ${++reads}` }) } as RunDocument)
  await documents.open('a', read)
  expect((await documents.open('a', read)).entry.id).toBe('read 1')
  documents.forget(['a'])
  expect((await documents.open('a', read)).entry.id).toBe('read 2')
  await expect(documents.open('b', () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged')
  expect((await documents.open('b', read)).entry.id).toBe('read 3')
})

test('times say as much as is needed', () => {
  const now = new Date(2026, 10, 28, 23, 30)
  const at = (...parts: [number, number, number, number, number]) =>
    whenText(new Date(...parts).toISOString(), now)
  expect(at(2026, 10, 28, 23, 4)).toBe('23:04')
  expect(at(2026, 10, 27, 9, 4)).toBe('27 Nov, 09:04')
  expect(at(2025, 1, 3, 9, 4)).toBe('3 Feb 2025')
})
