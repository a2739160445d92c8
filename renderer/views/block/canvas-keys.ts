import type { BlockEditor } from './block-editor.svelte'
import { handleEditKey, type Surroundings } from './edit-keys'
import { isArrow, neighbour } from './keys'

/** Pixels of the block that a node goes with Ctrl and an arrow, and with Shift too. */
const STEP = { small: 10, large: 40 }
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] } as const

interface CanvasView {
  /** Brings all of the block into view. */
  fit(): void
  /** The user has placed something: the view no longer follows the block. */
  keep(): void
}

/** What keys do on the canvas beyond edits: they go along the wires, select, move, and show all. */
export function handleCanvasKey(
  event: KeyboardEvent,
  editor: BlockEditor,
  here: Surroundings,
  view: CanvasView,
): void {
  if (event.target instanceof HTMLInputElement || handleEditKey(event, editor, here)) return
  const { key, shiftKey } = event
  const isControl = event.ctrlKey || event.metaKey
  if (key === 'Escape' && (editor.selection.nodes.size > 1 || editor.selection.wire)) {
    event.stopPropagation()
    editor.selection.clear()
  } else if (key === 'Home' || key === 'f') {
    if (isControl) return
    event.stopPropagation()
    view.fit()
  } else if (key === ' ') {
    event.preventDefault()
    event.stopPropagation()
    editor.selection.toggle(editor.selection.focused)
  } else if (isArrow(key)) {
    event.preventDefault()
    event.stopPropagation()
    if (isControl) {
      const [dx, dy] = DIRECTIONS[key]
      const step = shiftKey ? STEP.large : STEP.small
      view.keep()
      editor.nudge(dx * step, dy * step)
      return
    }
    const next = neighbour(editor.shown, editor.positions, editor.selection.focused, key)
    if (next) editor.selection.focus(next, { extend: shiftKey })
  }
}
