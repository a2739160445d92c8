import * as actions from '../../../shared/editor/actions'
import { END, addedIds, type Draft, type Position } from '../../../shared/block/draft'
import { remedyNamed } from '../../../shared/block/remedies'
import { editBlock, settle, startFrom } from '../../../shared/editor/experiment'
import type { Mend } from '../../../shared/editor/problems'
import { structureOf, type Slot } from '../../../shared/editor/structure'
import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import { INPUT, type BlockGraph, type OperationName } from '../../../shared/graph/block-graph'
import { operationOf } from '../../../shared/operations'
import { arranged } from './arrange'
import { BlockSelection } from './block-selection.svelte'
import { DrawnBlock } from './drawn-block.svelte'
import { wireId } from './flow'

interface EditOptions {
  /** What a screen reader says when it is done. */
  said?: string
  /** Edits of one subject within a second are one step of the history. */
  subject?: string
  /** Whether what is new is selected; not while someone writes text. */
  selects?: boolean
}

/** What can be done to the block under edit: canvas, outline and commands do the same things through it. */
export class BlockEditor extends DrawnBlock {
  readonly selection = new BlockSelection()
  /** For screen readers: what has just been done. */
  said = $state('')
  /** Why the last thing asked for was not done. */
  refusal = $state.raw<{ message: string; advice: string } | null>(null)

  /** What keys work on: the selected operations, else the focused one. */
  get targets(): string[] {
    const { byId } = structureOf(this.draft)
    const selected = [...this.selection.nodes].filter((id) => byId.has(id))
    if (selected.length) return selected
    return byId.has(this.selection.focused) ? [this.selection.focused] : []
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
      this.selection.follow(before, this.draft, selects)
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
      this.selection.select([])
      this.selection.focused = INPUT
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

  /** Whether it can be measured now, in one clause. */
  #state(): string {
    const { length } = this.problems
    if (!length) return 'The block is valid.'
    return `${length} ${length === 1 ? 'problem' : 'problems'}: ${this.problems[0].text}`
  }

  selectAll(): void {
    this.selection.select(this.draft.nodes.map(({ id }) => id))
    this.say(`${this.selection.nodes.size} operations selected.`)
  }

  // ---- Edits --------------------------------------------------------------------------------------------

  /**
   * Where a new operation goes when nothing else is said: into the selected wire, behind the focused operation, before
   * the output.
   */
  get #here(): { after?: string; onEdge?: Slot } {
    if (this.selection.wire) return { onEdge: this.selection.wire }
    const { byId } = structureOf(this.draft)
    if (byId.has(this.selection.focused) || (this.selection.focused === INPUT && this.draft.nodes.length))
      return { after: this.selection.focused }
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
    if (this.selection.wire) {
      const { to, slot } = this.selection.wire
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
    this.selection.wire = null
    this.edit((draft) => actions.disconnect(draft, to, slot), {
      said: `Disconnected input ${slot + 1} of ${this.label(to)}.`,
    })
  }

  disconnectFocused(slot: number): void {
    const node = structureOf(this.draft).byId.get(this.selection.focused)
    if (this.selection.focused === END ? slot === 0 : node && slot < node.inputs.length)
      this.disconnect(this.selection.focused, slot)
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
      this.selection.wire ??
      (structureOf(this.draft).byId.has(this.selection.focused)
        ? this.selection.focused
        : { to: END, slot: 0 })
    this.edit((draft) => actions.addBranch(draft, at, op), { said: 'Added a branch with its sum.' })
  }

  makeOutput(id = this.selection.focused): void {
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
    const ids = this.targets.length ? this.targets : [this.selection.focused]
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
    this.selection.follow(before, this.draft)
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
    if (!lab.run.isRunning) lab.signal.measure()
  }

  wireKey(): string | null {
    return this.selection.wire && wireId(this.selection.wire)
  }
}
