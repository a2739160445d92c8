/* eslint-disable svelte/prefer-svelte-reactivity -- maps here are values: they are replaced, never changed */
import { draftOf, labelOf } from '../../../shared/block/draft'
import { remedyNamed } from '../../../shared/block/remedies'
import { draftIn, refusalOf, settle } from '../../../shared/editor/experiment'
import { graphOf } from '../../../shared/editor/faults'
import { problemsOf } from '../../../shared/editor/problems'
import { edgeShapes } from '../../../shared/editor/shapes'
import { warningsOf, type Warning } from '../../../shared/editor/warnings'
import { streamShape } from '../../../shared/network/plan'
import { shapeText } from '../../../shared/numerics/shape'
import type { Experiment } from '../../../shared/settings/experiment'
import { differenceOf } from '../../base/block-layout'
import type { Lab } from '../../state/lab.svelte'
import { positionsOf } from './arrange'
import type { Mark } from './flow'

/** Settings that a drawn block may ask for. */
const FITTING: readonly { label: string; setting: Partial<Experiment> }[] = [
  { label: 'Measure this block', setting: {} },
  { label: 'Use images as input', setting: { input: 'images', stem: 'linear' } },
  { label: 'Use MNIST-1D as a sequence as input', setting: { input: 'sequence', stem: 'linear' } },
]

/** Milliseconds from an edit to what it teaches. */
const TEACHING_DELAY = 150

/** The experiment's block as the tab draws it: as it is, or with a remedy, and what is to be said of it. */
export class DrawnBlock {
  /** A remedy that is shown on the block; the block itself does not have it. */
  remedy = $state('none')

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
}
