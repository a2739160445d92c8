import type { BlockEditor } from './block-editor.svelte'

/** What the canvas and the outline do themselves at a key. */
export interface Surroundings {
  openCommands(kind: 'add' | 'connect' | 'all'): void
  copy(): void
  cut(): void
  paste(): void
  /** To the fields of the focused operation. */
  editFields(): void
}

interface EditKey {
  keys: string
  what: string
  matches(event: KeyboardEvent): boolean
  run(editor: BlockEditor, here: Surroundings): void
}

const isControl = (event: KeyboardEvent) => event.ctrlKey || event.metaKey
const plain =
  (...keys: string[]) =>
  (event: KeyboardEvent) =>
    !isControl(event) &&
    !event.altKey &&
    keys.includes(event.key.length === 1 ? event.key.toLowerCase() : event.key) &&
    !event.shiftKey
const shifted = (key: string) => (event: KeyboardEvent) =>
  !isControl(event) && !event.altKey && event.shiftKey && event.key.toLowerCase() === key
const control = (key: string) => (event: KeyboardEvent) =>
  isControl(event) && !event.shiftKey && event.key.toLowerCase() === key
const alt =
  (...keys: string[]) =>
  (event: KeyboardEvent) =>
    event.altKey && !isControl(event) && keys.includes(event.key)

/** One table: what keys do to the block, on the canvas and in the outline. */
export const EDIT_KEYS: readonly EditKey[] = [
  {
    keys: 'A or /',
    what: 'Add an operation here, by its name',
    matches: plain('a', '/', '+', 'Insert'),
    run: (_, here) => here.openCommands('add'),
  },
  {
    keys: 'K',
    what: 'Everything that can be done here',
    matches: plain('k'),
    run: (_, here) => here.openCommands('all'),
  },
  {
    keys: 'C',
    what: 'Connect to another operation',
    matches: plain('c'),
    run: (_, here) => here.openCommands('connect'),
  },
  {
    keys: 'X',
    what: 'Disconnect the input (Shift: the second)',
    matches: plain('x'),
    run: (editor) => editor.disconnectFocused(0),
  },
  { keys: 'Shift+X', what: '', matches: shifted('x'), run: (editor) => editor.disconnectFocused(1) },
  {
    keys: 'Alt+← →',
    what: 'Move earlier or later',
    matches: alt('ArrowLeft', 'ArrowUp'),
    run: (editor) => editor.shift(-1),
  },
  { keys: 'Alt+→', what: '', matches: alt('ArrowRight', 'ArrowDown'), run: (editor) => editor.shift(1) },
  { keys: 'Delete', what: 'Remove', matches: plain('Delete', 'Backspace'), run: (editor) => editor.remove() },
  { keys: 'W', what: 'Wrap in a skip connection', matches: plain('w'), run: (editor) => editor.wrap() },
  { keys: 'B', what: 'Add a branch beside it', matches: plain('b'), run: (editor) => editor.branch() },
  { keys: 'O', what: 'Make it the output', matches: plain('o'), run: (editor) => editor.makeOutput() },
  { keys: 'M', what: 'Mend the first problem', matches: plain('m'), run: (editor) => editor.mendFirst() },
  { keys: 'Enter', what: 'To its fields', matches: plain('Enter'), run: (_, here) => here.editFields() },
  { keys: 'Ctrl+D', what: 'Duplicate', matches: control('d'), run: (editor) => editor.duplicate() },
  { keys: 'Ctrl+C, X, V', what: 'Copy, cut, paste', matches: control('c'), run: (_, here) => here.copy() },
  { keys: 'Ctrl+X', what: '', matches: control('x'), run: (_, here) => here.cut() },
  { keys: 'Ctrl+V', what: '', matches: control('v'), run: (_, here) => here.paste() },
  { keys: 'Ctrl+A', what: 'Select all', matches: control('a'), run: (editor) => editor.selectAll() },
  {
    keys: 'L',
    what: 'Arrange as in the block’s picture (Shift: with few crossings)',
    matches: plain('l'),
    run: (editor) => editor.forgetPlaces(),
  },
  { keys: 'Shift+L', what: '', matches: shifted('l'), run: (editor) => editor.arrange() },
  { keys: 'Ctrl+Z', what: 'Undo (Shift: redo)', matches: control('z'), run: (editor) => editor.undo() },
  { keys: 'Ctrl+Y', what: '', matches: control('y'), run: (editor) => editor.redo() },
  {
    keys: 'Ctrl+Shift+Z',
    what: '',
    matches: (event) => isControl(event) && event.shiftKey && event.key.toLowerCase() === 'z',
    run: (editor) => editor.redo(),
  },
]

/** Does what the key stands for; whether it stood for something. */
export function handleEditKey(event: KeyboardEvent, editor: BlockEditor, here: Surroundings): boolean {
  const key = EDIT_KEYS.find(({ matches }) => matches(event))
  if (!key) return false
  // The paste event that follows has the clipboard's text; asking for it takes a permission that Electron's page has
  // not.
  if (key.keys === 'Ctrl+V') return true
  event.preventDefault()
  event.stopPropagation()
  key.run(editor, here)
  return true
}
