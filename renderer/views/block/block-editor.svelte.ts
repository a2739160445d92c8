/* eslint-disable svelte/prefer-svelte-reactivity -- sets here are values: they are replaced, never changed */
import * as actions from '../../../shared/editor/actions'
import { END, addedIds, draftOf, labelOf, type Draft, type Position } from '../../../shared/block/draft'
import { draftIn, editBlock, refusalOf, settle, startFrom } from '../../../shared/editor/experiment'
import { graphOf } from '../../../shared/editor/faults'
import { problemsOf, type Mend } from '../../../shared/editor/problems'
import { edgeShapes } from '../../../shared/editor/shapes'
import { structureOf, type Slot } from '../../../shared/editor/structure'
import { warningsOf, type Warning } from '../../../shared/editor/warnings'
import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import { INPUT, type BlockGraph, type OperationName } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'
import { streamShape } from '../../../shared/network/plan'
import { remedyNamed } from '../../../shared/block/remedies'
import { shapeText } from '../../../shared/numerics/shape'
import { differenceOf } from '../../base/block-layout'
import type { Lab } from '../../state/lab.svelte'
import { arranged, positionsOf } from './arrange'
import { wireId, type Mark } from './flow'

/** Settings that a drawn block may ask for. */
const FITTING: readonly { label: string; setting: Partial<Experiment> }[] = [
  { label: 'Measure this block', setting: {} },
  { label: 'Use images as input', setting: { input: 'images', stem: 'linear' } },
  { label: 'Use MNIST-1D as a sequence as input', setting: { input: 'sequence', stem: 'linear' } },
]

/** Milliseconds from an edit to what it teaches. */
const TEACHING_DELAY = 150

interface EditOptions {
  /** What a screen reader says when it is done. */
  said?: string
  /** Edits of one subject within a second are one step of the history. */
  subject?: string
  /** Whether what is new is selected; not while someone writes text. */
  selects?: boolean
}

/**
 * The block under edit as the tab shows it: the experiment holds the draft, this what is selected and focused. Canvas,
 * outline and commands do the same things through it.
 */
export class BlockEditor {
  /** Ids of selected operations. */
  selected = $state.raw<ReadonlySet<string>>(new Set())
  /** A selected wire, by where it ends. */
  wire = $state.raw<Slot | null>(null)
  /** The one node that keys work on, in the canvas and in the outline. */
  focused = $state(INPUT)
  /** Counts requests to move the page's focus to the focused node. */
  focusRequest = $state(0)
  /** A remedy that is shown on the block; the block itself does not have it. */
  remedy = $state('none')
  /** For screen readers: what has just been done. */
  said = $state('')
  /** Why the last thing asked for was not done. */
  refusal = $state.raw<{ message: string; advice: string } | null>(null)

  readonly draft = $derived.by(() => draftIn(this.lab.experiment.document))
  readonly place = $derived.by(() => {
    const { document } = this.lab.experiment
    return { input: streamShape(document), width: document.width }
  })
  /** The block without faults, else null. */
  readonly graph = $derived(graphOf(this.draft))
  readonly problems = $derived(problemsOf(this.draft))
  /** What the block teaches; it comes a moment after an edit, which does not wait for it. */
  warnings = $state.raw<readonly Warning[]>([])
  /**
   * Why a block without faults is not measured: it does not fit the rest of the experiment; with what would make it
   * fit.
   */
  readonly conflict = $derived.by(() => {
    const { document } = this.lab.experiment
    if (!this.graph) return null
    const refusal = refusalOf(document)
    if (!refusal && settle(document) === document) return null
    const fits = FITTING.filter(({ setting }) => settle({ ...document, ...setting }) !== document)
    return {
      text: refusal
        ? `The block does not fit the experiment: ${refusal.advice}`
        : 'The block fits the experiment now.',
      ways: refusal
        ? fits.slice(1).filter(({ setting }) => !refusalOf({ ...document, ...setting }))
        : fits.slice(0, 1),
    }
  })
  /** The block with the chosen remedy; null without one, or while there is no block. */
  readonly remedied = $derived.by(() => {
    if (this.remedy === 'none' || !this.graph) return null
    const { graph, note } = remedyNamed(this.remedy).apply(this.graph, {
      depth: this.lab.experiment.document.blocks,
    })
    return { graph, note, ...differenceOf(this.graph, graph) }
  })
  /** What the canvas draws: the draft, or the block with a remedy. */
  readonly shown = $derived.by(() => (this.remedied ? draftOf(this.remedied.graph) : this.draft))
  readonly isPreview = $derived(this.remedied !== null)
  readonly shapes = $derived.by(() => edgeShapes(this.shown, this.place))
  readonly longestShape = $derived.by(() =>
    Math.max(...[...this.shapes.values()].map((shape) => (shape ? shapeText(shape).length : 1))),
  )
  readonly positions = $derived.by(() => positionsOf(this.shown, this.longestShape))
  readonly marks = $derived.by((): ReadonlyMap<string, Mark> => {
    if (!this.remedied) return new Map()
    const { added, changed } = this.remedied
    return new Map<string, Mark>([
      ...[...added].map((id): [string, Mark] => [id, 'added']),
      ...[...changed].map((id): [string, Mark] => [id, 'changed']),
    ])
  })

  constructor(readonly lab: Lab) {}

  /** What keys work on: the selected operations, else the focused one. */
  get targets(): string[] {
    const { byId } = structureOf(this.draft)
    const selected = [...this.selected].filter((id) => byId.has(id))
    if (selected.length) return selected
    return byId.has(this.focused) ? [this.focused] : []
  }

  /** To be called in an effect: works out the warnings when the page has a moment. */
  teach(): () => void {
    const { graph, draft } = this
    const { document } = this.lab.experiment
    const timer = setTimeout(() => (this.warnings = graph ? warningsOf(draft, document) : []), TEACHING_DELAY)
    return () => clearTimeout(timer)
  }

  label(id: string): string {
    return labelOf(this.shown, id)
  }

  say(text: string): void {
    // Words that are said twice in a row are news too.
    this.said = this.said === text ? `${text} ` : text
  }

  /** An edit of the draft; what cannot be done is said. Whether anything has changed. */
  edit(change: (draft: Draft) => Draft, { said, subject, selects = true }: EditOptions = {}): boolean {
    if (this.isPreview) this.remedy = 'none'
    const before = this.draft
    this.#try(() => {
      this.lab.experiment.change((document) => editBlock(document, change), subject)
      this.#settle(before, selects)
      if (this.draft === before) this.say('Nothing to change.')
      else if (said) this.say(`${said} ${this.#state()}`)
    })
    return this.draft !== before
  }

  /** Another block in place of the first chosen one. */
  start(graph: BlockGraph): void {
    this.remedy = 'none'
    this.#try(() => {
      this.lab.experiment.change((document) => startFrom(document, graph))
      this.select([])
      this.focused = INPUT
      this.say(`Started from ${graph.title}.`)
    })
  }

  #try(work: () => void): void {
    this.refusal = null
    try {
      work()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.refusal = error
      this.say(error.message)
    }
  }

  /** New operations are selected; a focus that is gone moves to where it was. */
  #settle(before: Draft, selects = true) {
    const added = addedIds(before, this.draft)
    const { byId } = structureOf(this.draft)
    if (added.length && selects) {
      this.selected = new Set(added)
      this.wire = null
      this.focused = added[added.length - 1]
      this.focusRequest++
      return
    }
    const left = [...this.selected].filter((id) => byId.has(id))
    if (left.length < this.selected.size) this.selected = new Set(left)
    if (this.wire && this.wire.to !== END && !byId.has(this.wire.to)) this.wire = null
    if (this.focused === INPUT || this.focused === END || byId.has(this.focused)) return
    let id = this.focused
    const old = structureOf(before).byId
    while (old.has(id) && !byId.has(id)) id = old.get(id)!.inputs.find((input) => input !== '') ?? INPUT
    this.focused = byId.has(id) ? id : INPUT
    this.focusRequest++
  }

  /** Whether it can be measured now, in one clause. */
  #state(): string {
    const { length } = this.problems
    if (!length) return 'The block is valid.'
    return `${length} ${length === 1 ? 'problem' : 'problems'}: ${this.problems[0].text}`
  }

  // ---- Selection ----------------------------------------------------------------------------------------

  select(ids: Iterable<string>): void {
    const next = new Set(ids)
    if (next.size === this.selected.size && [...next].every((id) => this.selected.has(id))) return
    this.selected = next
    if (next.size) this.wire = null
  }

  toggle(id: string): void {
    this.select(
      this.selected.has(id) ? [...this.selected].filter((other) => other !== id) : [...this.selected, id],
    )
  }

  selectAll(): void {
    this.select(this.draft.nodes.map(({ id }) => id))
    this.say(`${this.selected.size} operations selected.`)
  }

  /** @param extend keeps what is selected and adds it */
  focus(id: string, { extend = false, isRequested = true } = {}): void {
    this.focused = id
    this.select(extend ? [...this.selected, id] : [id])
    this.wire = null
    if (isRequested) this.focusRequest++
  }

  // ---- Edits --------------------------------------------------------------------------------------------

  /**
   * Where a new operation goes when nothing else is said: into the selected wire, behind the focused operation, before
   * the output.
   */
  get #here(): { after?: string; onEdge?: Slot } {
    if (this.wire) return { onEdge: this.wire }
    const { byId } = structureOf(this.draft)
    if (byId.has(this.focused) || (this.focused === INPUT && this.draft.nodes.length))
      return { after: this.focused }
    return { onEdge: { to: END, slot: 0 } }
  }

  add(op: OperationName, where: { after?: string; onEdge?: Slot; at?: Position } = this.#here): void {
    const { title } = operationOf({ op })
    // Where the block is empty, what comes first reads the input and is the output.
    const isFirst = this.draft.nodes.length === 0
    // Where something is put down by hand, the rest stays where it is drawn.
    const stay = where.at ? Object.fromEntries(this.positions) : {}
    this.edit(
      (draft) => {
        const from = actions.place(draft, stay)
        const added = actions.addNode(from, op, isFirst && !where.at ? { after: INPUT } : where)
        return isFirst && !added.output ? actions.setOutput(added, addedIds(draft, added)[0]) : added
      },
      { said: `Added ${title}.` },
    )
  }

  remove(): void {
    if (this.wire) {
      const { to, slot } = this.wire
      return this.disconnect(to, slot)
    }
    const ids = this.targets
    if (!ids.length) return
    const what = ids.length === 1 ? this.label(ids[0]) : `${ids.length} operations`
    this.edit((draft) => actions.removeNodes(draft, ids), { said: `Removed ${what}.` })
  }

  connect(from: string, to: string, slot: number): void {
    this.edit((draft) => actions.connect(draft, from, to, slot), {
      said: `Connected ${this.label(from)} to ${this.label(to)}.`,
    })
  }

  /** A wire's end, put somewhere else. */
  reconnect(old: Slot, next: Slot): void {
    this.edit(
      (draft) => {
        const from = old.to === END ? draft.output : structureOf(draft).byId.get(old.to)!.inputs[old.slot]
        return actions.connect(actions.disconnect(draft, old.to, old.slot), from, next.to, next.slot)
      },
      { said: `Connected to ${this.label(next.to)}.` },
    )
  }

  disconnect(to: string, slot: number): void {
    this.wire = null
    this.edit((draft) => actions.disconnect(draft, to, slot), {
      said: `Disconnected input ${slot + 1} of ${this.label(to)}.`,
    })
  }

  disconnectFocused(slot: number): void {
    const node = structureOf(this.draft).byId.get(this.focused)
    if (this.focused === END ? slot === 0 : node && slot < node.inputs.length)
      this.disconnect(this.focused, slot)
  }

  shift(by: -1 | 1): void {
    const [id] = this.targets
    if (id)
      this.edit((draft) => actions.shift(draft, id, by), {
        said: `Moved ${this.label(id)} ${by < 0 ? 'earlier' : 'later'}.`,
      })
  }

  moveOnto(id: string, onEdge: Slot): boolean {
    return this.edit(
      (draft) => {
        const moved = actions.moveOnto(draft, id, onEdge)
        if (moved === draft) return draft
        // It finds its place in the chain by itself.
        const layout = Object.fromEntries(Object.entries(moved.layout).filter(([other]) => other !== id))
        return { ...moved, layout }
      },
      { said: `Moved ${this.label(id)}.` },
    )
  }

  duplicate(): void {
    const ids = this.targets
    if (ids.length) this.edit((draft) => actions.duplicate(draft, ids), { said: 'Duplicated.' })
  }

  wrap(): void {
    const ids = this.targets
    if (ids.length)
      this.edit((draft) => actions.wrapInSkip(draft, ids), { said: 'Wrapped in a skip connection.' })
  }

  branch(op: OperationName = 'linear'): void {
    const at =
      this.wire ?? (structureOf(this.draft).byId.has(this.focused) ? this.focused : { to: END, slot: 0 })
    this.edit((draft) => actions.addBranch(draft, at, op), { said: 'Added a branch with its sum.' })
  }

  makeOutput(id = this.focused): void {
    if (!structureOf(this.draft).byId.has(id)) return
    this.edit((draft) => actions.setOutput(draft, id), { said: `${this.label(id)} is the output now.` })
  }

  setField(id: string, key: string, value: unknown): boolean {
    return this.edit((draft) => actions.setField(draft, id, key, value), { subject: `block:${id}:${key}` })
  }

  rename(title: string): void {
    this.edit((draft) => actions.setText(draft, 'title', title.trim() || draft.name), {
      said: `Called ${title}.`,
    })
  }

  mend(mend: Mend): void {
    this.edit(mend.apply, { said: `${mend.label}: done.` })
  }

  /** Other settings, with which the block is measured. */
  fit(setting: Partial<Experiment>): void {
    this.lab.experiment.change((document) => settle({ ...document, ...setting }))
    this.say('The block is measured with these settings.')
  }

  mendFirst(): void {
    const mend = this.problems.flatMap(({ mends }) => mends)[0]
    if (mend) this.mend(mend)
    else this.say('Nothing to mend.')
  }

  /** The remedy becomes part of the block. */
  keepRemedy(): void {
    if (!this.remedied) return
    const { graph } = this.remedied
    const { remedy } = this
    this.remedy = 'none'
    this.edit((draft) => ({ ...draft, nodes: graph.nodes, output: graph.output }), {
      said: `${remedyNamed(remedy).title} is part of the block now.`,
    })
  }

  // ---- Places -------------------------------------------------------------------------------------------

  /** Where nodes were left: from now on all stay where they are. */
  placeAll(moved: ReadonlyMap<string, Position>): boolean {
    const positions = { ...Object.fromEntries(this.positions), ...Object.fromEntries(moved) }
    return this.edit((draft) => actions.placeAll(draft, positions))
  }

  nudge(dx: number, dy: number): void {
    const ids = this.targets.length ? this.targets : [this.focused]
    const from = Object.fromEntries(this.positions)
    this.edit((draft) => actions.move(actions.place(draft, from), ids, dx, dy), { subject: 'block:nudge' })
  }

  arrange(): void {
    this.edit((draft) => actions.placeAll(draft, arranged(draft, this.longestShape)), {
      said: 'Arranged with few crossings.',
    })
  }

  /** Back to the lanes of the block's picture. */
  forgetPlaces(): void {
    this.edit((draft) => actions.placeAll(draft, {}), { said: 'Arranged as in the block’s picture.' })
  }

  // ---- Clipboard ----------------------------------------------------------------------------------------

  /** @returns the text for the clipboard; null where nothing is selected */
  copied(): string | null {
    const ids = this.targets
    if (!ids.length) return null
    this.say(`Copied ${ids.length === 1 ? this.label(ids[0]) : `${ids.length} operations`}.`)
    return actions.copy(this.draft, ids)
  }

  cut(): string | null {
    const text = this.copied()
    if (text !== null) this.remove()
    return text
  }

  paste(text: string): void {
    this.edit((draft) => actions.paste(draft, text, this.#here), { said: 'Pasted.' })
  }

  // ---- Outside ------------------------------------------------------------------------------------------

  undo(): void {
    this.#travel(() => this.lab.experiment.undo(), 'Undone.')
  }

  redo(): void {
    this.#travel(() => this.lab.experiment.redo(), 'Done again.')
  }

  #travel(go: () => void, said: string) {
    const before = this.draft
    this.refusal = null
    go()
    const added = addedIds(before, this.draft)
    this.#settle(before)
    this.say(`${said} ${added.length ? '' : this.#state()}`)
  }

  /** To the signal, with this block as the first chosen one: it is measured there. */
  measure(): void {
    const { lab } = this
    if (!this.graph) {
      const message = 'The block has a problem: mend it before it is measured.'
      this.refusal = { message, advice: message }
      return
    }
    lab.show('signal')
    if (!lab.run.isRunning) lab.measure()
  }

  wireKey(): string | null {
    return this.wire && wireId(this.wire)
  }
}
