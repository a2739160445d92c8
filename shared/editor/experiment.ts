import { PRESETS, PRESET_NAMES, presetNamed } from '../blocks'
import { InputError } from '../errors'
import type { Experiment } from '../experiment'
import type { BlockGraph } from '../graph'
import { draftOf, type Draft } from './draft'
import { graphOf } from './faults'

const nameOf = (block: string | BlockGraph) => (typeof block === 'string' ? block : block.name)
const blockOf = (block: string | BlockGraph) => (typeof block === 'string' ? presetNamed(block) : block)

/** The block that is edited: the first chosen one, and where none is chosen the first to compare with. */
const edited = ({ block, compare }: Experiment) => block[0] ?? compare[0]

/** What the editor shows. */
export function draftIn(experiment: Experiment): Draft {
  const block = edited(experiment)
  const section = experiment.draft
  return section?.of === nameOf(block) ? section.draft : draftOf(blockOf(block))
}

/**
 * An edit of the first chosen block. A valid draft is what is measured; while it is not valid, the last valid block stays. A changed preset becomes
 * an own block with a name of its own; moving its nodes does not change it. The result is the same object where nothing has changed.
 * @throws InputError for what cannot be done, a name that another block has included
 */
export function editBlock(experiment: Experiment, change: (draft: Draft) => Draft): Experiment {
  const before = draftIn(experiment)
  const changed = change(before)
  if (changed === before) return experiment
  const block = edited(experiment)
  const others = otherNames(experiment)
  const isPreset = typeof block === 'string'
  const draft =
    isPreset && changed.name === nameOf(block) && !isSameBlock(changed, presetNamed(block))
      ? own(changed, others)
      : changed
  if (draft.name !== before.name && (others.has(draft.name) || PRESET_NAMES.includes(draft.name))) {
    throw new InputError(
      'Name',
      `another block has the name "${draft.name}"`,
      'Give your block a name of its own: curves are told apart by it.',
    )
  }
  return withDraft(experiment, draft)
}

/** Another block to edit, in place of the first chosen one. A name that is taken gets a number. */
export function startFrom(experiment: Experiment, graph: BlockGraph): Experiment {
  const preset = PRESETS.find(({ name }) => name === graph.name)
  const others = otherNames(experiment)
  if (preset && isSameBlock(draftOf(graph), preset)) {
    const rest = experiment.block.slice(1).filter((other) => other !== preset.name)
    return chosen(without(experiment), [preset.name, ...rest])
  }
  const taken = new Set([...others, ...PRESET_NAMES])
  const name = freeName(graph.name, taken)
  return chosen(without(experiment), [{ ...graph, name }, ...experiment.block.slice(1)])
}

function withDraft(experiment: Experiment, draft: Draft): Experiment {
  const block = edited(experiment)
  const graph = graphOf(draft)
  if (!graph) return { ...experiment, draft: { of: nameOf(block), draft } }
  // A preset that is only laid out stays one.
  if (typeof block === 'string' && isSameBlock(draft, presetNamed(block)) && draft.name === block)
    return { ...experiment, draft: { of: block, draft } }
  return chosen(without(experiment), [graph, ...experiment.block.slice(1)])
}

function chosen(experiment: Experiment, block: Experiment['block']): Experiment {
  return { ...experiment, block, remedies: experiment.remedies.length ? experiment.remedies : ['none'] }
}

function without(experiment: Experiment): Experiment {
  const { draft: _, ...rest } = experiment
  return rest
}

/** Names of blocks beside the edited one; a preset may be both chosen and compared with. */
function otherNames({ block, compare }: Experiment): Set<string> {
  return new Set([...block.slice(1), ...compare].map(nameOf))
}

/** The same operations and wires, under the same name. */
function isSameBlock(draft: Draft, graph: BlockGraph): boolean {
  const text = ({ name, title, description, nodes, output }: Draft | BlockGraph) =>
    JSON.stringify([name, title, description, nodes, output])
  return text(draft) === text(graph)
}

const own = (draft: Draft, others: ReadonlySet<string>): Draft => ({
  ...draft,
  name: freeName('my-block', new Set([...others, ...PRESET_NAMES])),
  title: 'My block',
  description: '',
})

/** The name, or with the first number that makes it free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  let n = 2
  while (taken.has(`${name}-${n}`)) n++
  return `${name}-${n}`
}
