import { expect, test } from 'vitest'
import { DocumentFile, fileName } from '../../../renderer/state/document-file.svelte'
import { ExperimentState } from '../../../renderer/state/experiment-state.svelte'

function open() {
  const experiment = new ExperimentState()
  return { experiment, file: new DocumentFile(() => experiment.document) }
}

test('without a file there is no name, and nothing to be edited', () => {
  const { experiment, file } = open()
  experiment.set('seed', 5)
  expect([file.name, file.id, file.isEdited, file.words]).toEqual([null, null, false, ''])
})

test('a change is an edit, and the change back is none', () => {
  const { experiment, file } = open()
  file.is('/home/me/mine.json', 'a1')
  expect([file.name, file.id, file.words]).toEqual(['mine.json', 'a1', 'mine.json – '])
  experiment.set('seed', 5)
  expect([file.isEdited, file.words]).toEqual([true, '• mine.json – '])
  experiment.undo()
  expect(file.isEdited).toBe(false)
  experiment.redo()
  // Saved under another name.
  file.is('other.reslab', null)
  expect([file.name, file.isEdited]).toEqual(['other.reslab', false])
})

test('a window that opens again knows its file and whether it is edited', () => {
  const { experiment, file } = open()
  file.is('/home/me/mine.json', 'a1')
  const saved = JSON.parse(JSON.stringify(file.document)) as unknown
  const again = open()
  again.file.open(saved)
  expect([again.file.name, again.file.id, again.file.isEdited]).toEqual(['mine.json', 'a1', false])
  again.experiment.set('width', 7)
  expect(again.file.isEdited).toBe(true)
  expect(experiment.document.width).not.toBe(7)
})

test.each([undefined, null, 'mine.json', {}, { name: 5, id: null }, { name: 'a', id: 7 }])(
  'what is no file (%j) is none',
  (value) => {
    const { file } = open()
    file.is('/home/me/mine.json', null)
    file.open(value)
    expect(file.name).toBeNull()
  },
)

test('a name is without folders, on every system', () => {
  expect(['/a/b c.json', 'C:\\me\\x.json', 'plain'].map(fileName)).toEqual(['b c.json', 'x.json', 'plain'])
})
