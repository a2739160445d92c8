import { TAB_IDS, tabKey } from '../../shared/protocol/tabs'
import type { Lab } from '../state/lab.svelte'

interface Shortcut {
  keys: string
  what: string
  /** Absent for keys that another place handles (charts, the browser). */
  matches?: (event: KeyboardEvent) => boolean
  run?: (lab: Lab, event: KeyboardEvent, onhelp: () => void) => void
}

const control =
  (key: string, shift = false) =>
  (event: KeyboardEvent) =>
    (event.ctrlKey || event.metaKey) && event.shiftKey === shift && event.key.toLowerCase() === key
const plain = (key: string) => (event: KeyboardEvent) =>
  !event.ctrlKey && !event.metaKey && !event.altKey && event.key.toLowerCase() === key

/** One table: what the keys do, and the list that "?" shows. */
export const SHORTCUTS: readonly Shortcut[] = [
  {
    keys: 'Space',
    what: 'Play, pause or resume',
    matches: plain(' '),
    run: ({ control }) => {
      if (!control?.pause?.()) control?.play()
    },
  },
  {
    keys: 'S',
    what: 'One block or one training step',
    matches: plain('s'),
    run: (lab) => lab.control?.step?.(),
  },
  {
    keys: 'Esc',
    what: 'Stop the run, keep what it has found',
    matches: plain('escape'),
    run: (lab) => lab.control?.stop(),
  },
  { keys: 'N', what: 'New seed', matches: plain('n'), run: (lab) => lab.newSeed() },
  {
    keys: 'R',
    what: 'Train',
    matches: plain('r'),
    run: (lab) => {
      lab.show('train')
      lab.control?.play()
    },
  },
  {
    keys: 'T',
    what: 'Charts or table',
    matches: plain('t'),
    run: (lab) => lab.view.set('table', !lab.view.document.table),
  },
  {
    keys: 'Q',
    what: 'The queue of jobs',
    matches: plain('q'),
    run: (lab) => (lab.queue.isShown = true),
  },
  { keys: 'D', what: 'Light or dark', matches: plain('d'), run: (lab) => lab.toggleTheme() },
  {
    keys: `1 – 9, ${TAB_IDS.slice(9).map(tabKey).join(', ')}`,
    what: 'The views, in the order of their tabs',
    matches: (event) => TAB_IDS.some((id) => plain(tabKey(id))(event)),
    run: (lab, { key }) => lab.show(TAB_IDS.find((id) => tabKey(id) === key)!),
  },
  { keys: 'Ctrl+Z', what: 'Undo', matches: control('z'), run: (lab) => lab.experiment.undo() },
  { keys: 'Ctrl+Shift+Z', what: 'Redo', matches: control('z', true), run: (lab) => lab.experiment.redo() },
  { keys: 'Ctrl+Y', what: 'Redo', matches: control('y'), run: (lab) => lab.experiment.redo() },
  { keys: 'Ctrl+O', what: 'Open an experiment', matches: control('o'), run: (lab) => void lab.files.open() },
  {
    keys: 'Ctrl+S',
    what: 'Save the experiment',
    matches: control('s'),
    run: (lab) => void lab.files.saveExperiment(),
  },
  {
    keys: 'Ctrl+Shift+N',
    what: 'Another window that begins with this one’s experiment',
    matches: control('n', true),
    run: (lab) => void lab.newWindow(),
  },
  { keys: '← →', what: 'On a chart: the block before or after (Page keys: ten, Home and End)' },
  {
    keys: '↑ ↓',
    what: 'On a chart: the series before or after; in a number field: more or less (Shift: ten times)',
  },
  {
    keys: 'Wheel',
    what: 'On a chart: zoom the depth axis, with Shift the value axis; drag to move, double click to reset',
  },
  { keys: '?', what: 'This list', matches: plain('?'), run: (_lab, _event, onhelp) => onhelp() },
]

/** Whether a plain key belongs to the element that has the focus. */
function takesKeys(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.closest('input[type="text"], textarea, select')) return true
  return (key === ' ' || key === 'Enter') && target.closest('button, input, summary') !== null
}

/**
 * Runs the shortcut of this key, if it has one.
 * @param onhelp shows the list of all
 */
export function handleShortcut(event: KeyboardEvent, lab: Lab, onhelp: () => void): void {
  const isControl = event.ctrlKey || event.metaKey
  if (!isControl && takesKeys(event.target, event.key)) return
  const shortcut = SHORTCUTS.find(({ matches }) => matches?.(event))
  if (!shortcut?.run) return
  event.preventDefault()
  shortcut.run(lab, event, onhelp)
}
