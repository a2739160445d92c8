import { PRESETS, PRESET_NAMES, presetNamed } from '../block/presets'
import { InputError } from '../base/errors'
import { checkTogether } from '../experiment/experiment'
import type { Experiment } from '../settings/experiment'
import type { BlockGraph } from '../graph/block-graph'
import { draftOf, type Draft } from '../block/draft'
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
 * An edit of the first chosen block. A valid draft is what is measured; while it is not valid, or does not fit the rest
 * of the experiment (`refusalOf` says why), the last valid block stays. A changed preset becomes an own block with a
 * name of its own; moving its nodes does not change it. The result is the same object where nothing has changed.
 * @throws InputError for what cannot be done, a name that another block has included
 */
export function editBlock(experiment: Experiment, change: (draft: Draft) => Draft): Experiment {
  const before = draftIn(experiment)
  const changed = change(before)
  if (changed === before) return experiment
  const draft = named(experiment, before, changed)
  const next = graphOf(draft) && choose(experiment, draft)
  if (next && !refusal(next)) return next
  return { ...experiment, draft: { of: nameOf(edited(experiment)), draft } }
}

/** Why the edited block is not what is measured, although it is valid: how it does not fit the experiment. */
export function refusalOf(experiment: Experiment): InputError | null {
  const draft = waiting(experiment)
  return draft && refusal(choose(experiment, draft))
}

/** A valid draft that waits in its section is measured as soon as the rest of the experiment lets it. */
export function settle(experiment: Experiment): Experiment {
  const draft = waiting(experiment)
  const next = draft && choose(experiment, draft)
  return next && !refusal(next) ? next : experiment
}

/** A valid draft that is another block than the chosen one. */
function waiting(experiment: Experiment): Draft | null {
  const draft = draftIn(experiment)
  return isSameBlock(draft, blockOf(edited(experiment))) || !graphOf(draft) ? null : draft
}

/**
 * Another block to edit, in place of the first chosen one; one that does not fit the experiment is edited without being
 * measured. A name that is taken gets a number.
 */
export function startFrom(experiment: Experiment, graph: BlockGraph): Experiment {
  const draft = draftOf(graph)
  if (presetOf(draft)) return editBlock(experiment, () => draft)
  const name = freeName(graph.name, takenNames(experiment))
  const title = graph.title === graph.name ? name : graph.title
  return editBlock(experiment, () => ({ ...draft, name, title }))
}

/** The name that an edit leaves the block with. @throws InputError */
function named(experiment: Experiment, before: Draft, changed: Draft): Draft {
  const taken = takenNames(experiment)
  if (presetOf(changed)) return changed
  if (changed.name !== before.name) {
    if (!taken.has(changed.name)) return changed
    throw new InputError(
      'Name',
      `another block has the name "${changed.name}"`,
      'Give your block a name of its own: curves are told apart by it.',
    )
  }
  if (!taken.has(changed.name)) return changed
  const isPreset = PRESET_NAMES.includes(changed.name)
  const kept = <K extends 'title' | 'description'>(key: K, instead: string) =>
    changed[key] === before[key] ? instead : changed[key]
  return {
    ...changed,
    name: freeName(isPreset ? 'my-block' : changed.name, taken),
    title: kept('title', isPreset ? 'My block' : changed.title),
    description: kept('description', isPreset ? '' : changed.description),
  }
}

/**
 * With a valid draft in place of the first chosen block. Of a preset only the name is chosen: how it is laid out stays
 * in the draft.
 */
function choose(experiment: Experiment, draft: Draft): Experiment {
  const { draft: _, ...rest } = experiment
  const others = experiment.block.slice(1)
  const remedies = remediesOf(experiment)
  const preset = presetOf(draft)
  if (!preset) return { ...rest, block: [graphOf(draft)!, ...others], remedies }
  const block = [preset.name, ...others.filter((other) => other !== preset.name)]
  const isPlaced = Object.keys(draft.layout).length > 0
  return { ...rest, block, remedies, ...(isPlaced ? { draft: { of: preset.name, draft } } : {}) }
}

/** The preset that the draft is, wherever its nodes are drawn. */
const presetOf = (draft: Draft) => PRESETS.find((preset) => isSameBlock(draft, preset)) ?? null

const remediesOf = ({ remedies }: Experiment) => (remedies.length ? remedies : ['none'])

function refusal(experiment: Experiment): InputError | null {
  try {
    checkTogether(experiment, '')
    return null
  } catch (error) {
    if (error instanceof InputError) return error
    throw error
  }
}

/** Names that the edited block cannot have: of presets and of the blocks beside it. */
function takenNames({ block, compare }: Experiment): Set<string> {
  return new Set([...PRESET_NAMES, ...[...block.slice(1), ...compare].map(nameOf)])
}

/** Whether both have the same name, operations and wires, wherever they are drawn. */
function isSameBlock(draft: Draft, graph: BlockGraph): boolean {
  const text = ({ name, title, description, nodes, output }: Draft | BlockGraph) =>
    JSON.stringify([name, title, description, nodes, output])
  return draft.nodes.length === graph.nodes.length && text(draft) === text(graph)
}

/** The name, or with the first number that makes it free. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  let n = 2
  while (taken.has(`${name}-${n}`)) n++
  return `${name}-${n}`
}
