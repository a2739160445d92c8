import { END, labelOf } from '../../../shared/block/draft'
import { structureOf, upstream } from '../../../shared/editor/structure'
import { INPUT, type GraphNode, type OperationName } from '../../../shared/graph/block-graph'
import { OPERATION_NAMES, operationOf } from '../../../shared/operations'
import type { OperationKind } from '../../../shared/operations/operation'
import type { BlockEditor } from './block-editor.svelte'
import { SLOT_NAMES } from './flow'

/** Something the user can do here and now, by its name. */
export interface Command {
  id: string
  title: string
  /** Its key on the canvas and in the outline. */
  keys?: string
  group: string
  definition?: string
  run(): void
}

export const KIND_TITLES: Record<OperationKind, string> = {
  linear: 'Layers',
  activation: 'Activations',
  norm: 'Norms',
  scale: 'Scales',
  noise: 'Noise',
  pool: 'Pooling',
  join: 'Joins',
  other: 'Other',
}

/** The table of operations by kind, in the table's order. */
export const PALETTE: readonly {
  kind: OperationKind
  title: string
  operations: readonly OperationName[]
}[] = (Object.entries(KIND_TITLES) as [OperationKind, string][]).flatMap(([kind, title]) => {
  const operations = OPERATION_NAMES.filter((op) => operationOf({ op }).kind === kind)
  return operations.length ? [{ kind, title, operations }] : []
})

export const inputName = (node: GraphNode | undefined, slot: number) =>
  node && node.inputs.length > 1 ? ` (${node.op === 'sum' ? SLOT_NAMES[slot] : `input ${slot + 1}`})` : ''

/** What adds an operation where the focus is. */
export function addCommands(editor: BlockEditor): Command[] {
  return OPERATION_NAMES.map((op) => {
    const { title, definition, kind } = operationOf({ op })
    return {
      id: `add-${op}`,
      title: `Add ${title}`,
      group: KIND_TITLES[kind],
      definition,
      run: () => editor.add(op),
    }
  })
}

/** Every input that the focused operation's result can be connected to; those that make a circle are left out. */
export function connectCommands(editor: BlockEditor): Command[] {
  const { draft } = editor
  const { focused } = editor.selection
  if (focused === END) return []
  const { byId } = structureOf(draft)
  const before = upstream(byId, focused)
  const from = labelOf(draft, focused)
  const inputs = draft.nodes
    .filter(({ id }) => !before.has(id))
    .flatMap((node) => node.inputs.map((input, slot) => ({ node, slot, input })))
    .filter(({ input }) => input !== focused)
    .map(({ node, slot, input }): Command => ({
      id: `connect-${node.id}-${slot}`,
      title: `Connect ${from} to ${labelOf(draft, node.id)}${inputName(node, slot)}`,
      group: input ? `in place of ${labelOf(draft, input)}` : 'open input',
      run: () => editor.connect(focused, node.id, slot),
    }))
  // Open inputs are what one looks for.
  inputs.sort((a, b) => Number(b.group === 'open input') - Number(a.group === 'open input'))
  if (focused === INPUT || draft.output === focused) return inputs
  return [
    ...inputs,
    {
      id: 'connect-output',
      title: `Connect ${from} to the block’s output`,
      group: draft.output ? `in place of ${labelOf(draft, draft.output)}` : 'open input',
      run: () => editor.makeOutput(focused),
    },
  ]
}

function disconnectCommands(editor: BlockEditor): Command[] {
  const { draft } = editor
  const { focused } = editor.selection
  const node = structureOf(draft).byId.get(focused)
  const inputs = node?.inputs ?? (focused === END ? [draft.output] : [])
  return inputs.flatMap((input, slot) =>
    input
      ? [
          {
            id: `disconnect-${slot}`,
            title: `Disconnect ${labelOf(draft, input)} from ${labelOf(draft, focused)}${inputName(node, slot)}`,
            keys: slot === 0 ? 'X' : 'Shift+X',
            group: 'Wires',
            run: () => editor.disconnect(focused, slot),
          },
        ]
      : [],
  )
}

/** What the keys and the command list do to the focused or selected operations. */
export function editCommands(
  editor: BlockEditor,
  clipboard: { copy(): void; cut(): void; paste(): void },
): Command[] {
  const { targets, draft } = editor
  const { focused } = editor.selection
  const { byId } = structureOf(draft)
  const what =
    targets.length > 1 ? `${targets.length} operations` : targets.length ? labelOf(draft, targets[0]) : ''
  const single = targets.length === 1
  const besides = editor.selection.wire
    ? 'the wire'
    : byId.has(focused)
      ? labelOf(draft, focused)
      : 'the whole block'
  const commands: (Command | false)[] = [
    what !== '' && {
      id: 'remove',
      title: `Remove ${what}`,
      keys: 'Delete',
      group: 'Edit',
      run: () => editor.remove(),
    },
    single && {
      id: 'earlier',
      title: `Move ${what} earlier`,
      keys: 'Alt+←',
      group: 'Edit',
      run: () => editor.shift(-1),
    },
    single && {
      id: 'later',
      title: `Move ${what} later`,
      keys: 'Alt+→',
      group: 'Edit',
      run: () => editor.shift(1),
    },
    what !== '' && {
      id: 'wrap',
      title: `Wrap ${what} in a skip connection`,
      keys: 'W',
      group: 'Edit',
      run: () => editor.wrap(),
    },
    {
      id: 'branch',
      title: `Add a branch beside ${besides}`,
      keys: 'B',
      group: 'Edit',
      run: () => editor.branch(),
    },
    ...disconnectCommands(editor),
    byId.has(focused) &&
      draft.output !== focused && {
        id: 'output',
        title: `Make ${labelOf(draft, focused)} the output`,
        keys: 'O',
        group: 'Wires',
        run: () => editor.makeOutput(),
      },
    what !== '' && {
      id: 'duplicate',
      title: `Duplicate ${what}`,
      keys: 'Ctrl+D',
      group: 'Edit',
      run: () => editor.duplicate(),
    },
    what !== '' && {
      id: 'copy',
      title: `Copy ${what}`,
      keys: 'Ctrl+C',
      group: 'Edit',
      run: () => clipboard.copy(),
    },
    what !== '' && {
      id: 'cut',
      title: `Cut ${what}`,
      keys: 'Ctrl+X',
      group: 'Edit',
      run: () => clipboard.cut(),
    },
    { id: 'paste', title: 'Paste', keys: 'Ctrl+V', group: 'Edit', run: () => clipboard.paste() },
    { id: 'select-all', title: 'Select all', keys: 'Ctrl+A', group: 'Edit', run: () => editor.selectAll() },
    { id: 'undo', title: 'Undo', keys: 'Ctrl+Z', group: 'Edit', run: () => editor.undo() },
    { id: 'redo', title: 'Redo', keys: 'Ctrl+Shift+Z', group: 'Edit', run: () => editor.redo() },
    {
      id: 'arrange',
      title: 'Arrange with few crossings',
      keys: 'Shift+L',
      group: 'Picture',
      run: () => editor.arrange(),
    },
    {
      id: 'lanes',
      title: 'Arrange as in the block’s picture',
      keys: 'L',
      group: 'Picture',
      run: () => editor.forgetPlaces(),
    },
    ...editor.problems.flatMap(({ mends }, i) =>
      mends.slice(0, 1).map((mend, j): Command => ({
        id: `mend-${i}-${j}`,
        title: `Mend: ${mend.label}`,
        ...(i === 0 ? { keys: 'M' } : {}),
        group: 'Problems',
        run: () => editor.mend(mend),
      })),
    ),
    { id: 'measure', title: 'Measure this block', group: 'View', run: () => editor.measure() },
  ]
  return commands.filter((command): command is Command => command !== false)
}

/** Commands whose words all occur in title or group; those whose title begins with the text come first. */
export function matching(commands: readonly Command[], text: string): Command[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const haystack = ({ title, group }: Command) => `${title} ${group}`.toLowerCase()
  const found = commands.filter((command) => words.every((word) => haystack(command).includes(word)))
  // "relu" means ReLU before leaky ReLU.
  const rank = ({ title }: Command) => {
    const plain = title.toLowerCase().replace(/^add /, '')
    return plain === text.trim().toLowerCase() ? 0 : plain.startsWith(words.join(' ')) ? 1 : 2
  }
  return found
    .map((command, i) => ({ command, i }))
    .sort((a, b) => rank(a.command) - rank(b.command) || a.i - b.i)
    .map(({ command }) => command)
}
