import {
  energyFinding,
  movedFinding,
  networkWords,
  samplesWords,
  sumFinding,
  targetWords,
} from '../../../shared/paths/findings'
import { lengthRows } from '../../../shared/paths/lengths'
import { lengthOfPath, pathOfFirstTerm } from '../../../shared/paths/links'
import type { MeasuredPaths } from '../../../shared/paths/results'
import type { PathSettings } from '../../../shared/settings/paths'
import type { Pointing } from './pointing.svelte'
import type { ShownPaths } from './shown-paths'

/** The terms of few blocks, their energy by length, and what is said of them and of what is pointed at. */
export class UnravelledModel {
  constructor(private readonly page: ShownPaths & { pointing: Pointing; document: { replicas: number } }) {}

  readonly #formula = $derived.by(() => this.page.settings.formula)
  readonly #measured = $derived.by(() => this.page.result?.measured ?? null)
  readonly #trained = $derived.by(() => this.page.result?.trained ?? null)

  /** The derivative whose terms are shown; the output has none of its own. */
  readonly name = $derived(this.#formula === 'f1' ? '∂y/∂f₁' : '∂y/∂x')
  /** Whether the network has no skip connections: one path is left. */
  readonly isPlain = $derived(this.#measured?.lengths?.length === 1)

  /** Every term of the derivative, `before` the norm that it had at initialisation. */
  readonly terms = $derived.by(() => {
    const initial = termsOf(this.#trained?.initial ?? null, this.#formula)
    const terms = termsOf(this.#measured, this.#formula)
    return terms.map((term, i) => ({ ...term, before: initial[i]?.norm.mean }))
  })
  /** Energy by length, beside that at initialisation of a trained network, else beside the number of paths. */
  readonly rows = $derived.by(() => {
    const { blocks, result } = this.page
    const initial = this.#trained && lengthRows(blocks, this.#trained.initial, null)
    return lengthRows(blocks, this.#measured, result?.theory ?? null).map((row, i) => ({
      ...row,
      value: row.share,
      outline: initial ? initial[i].share : row.countShare,
    }))
  })
  /** The length that is pointed at, or that of the path that is. */
  readonly litLength = $derived.by(() => {
    const { target } = this.page.pointing
    if (target?.kind === 'length') return target.length
    return target?.kind === 'path' ? lengthOfPath(target.path) : null
  })

  readonly normNote = $derived.by(() => {
    if (this.#trained) return `one network, ${this.#trained.samples} test samples; ticks: at initialisation`
    const { settings, document } = this.page
    if (settings.training) return 'one network'
    return `mean of n = ${document.replicas}${document.replicas > 1 ? ', lines 5–95 %' : ''}`
  })

  /** One finding; while nothing is measured, what is waited for. */
  readonly finding = $derived.by(() => {
    const [measured, trained] = [this.#measured, this.#trained]
    if (!measured) return this.page.missing.text
    if (trained) {
      const moved = movedFinding(sharesOf(trained.initial), sharesOf(measured), trained.samples)
      return `${moved} ${sumFinding(measured, this.#formula, samplesWords(trained.samples))}`
    }
    const { theory, request } = this.page.result!
    const sum = sumFinding(measured, this.#formula, networkWords(request.experiment.replicas))
    return `${sum} ${energyFinding(this.page.blocks, sharesOf(measured), theory)}`
  })

  /** What is pointed at, in words. */
  readonly detail = $derived.by(() => {
    const { pointing, blocks } = this.page
    return pointing.target
      ? targetWords(pointing.target, blocks, this.#formula, this.#measured)
      : 'Point at a path, a block, a term or a bar: what belongs to it lights up. A click keeps it lit.'
  })
}

/** Terms with the path that each goes along; bit b - 1 of a path says whether it goes through block b. */
function termsOf(measured: MeasuredPaths | null, formula: PathSettings['formula']) {
  if (!measured) return []
  if (formula === 'f1')
    return (measured.firstDerivative?.terms ?? []).map(({ blocks, text, length, norm }) => {
      const term = blocks.reduce((sum, block) => sum + 2 ** (block - 2), 0)
      return { path: pathOfFirstTerm(term), text, length, norm }
    })
  return (measured.terms ?? []).map(({ blocks, length, norm }) => ({
    path: blocks.reduce((sum, block) => sum + 2 ** (block - 1), 0),
    text: blocks.length
      ? blocks.map((block, i) => `∂f${block}/∂${i ? `f${blocks[i - 1]}` : 'x'}`).join(' ')
      : 'I',
    length,
    norm,
  }))
}

const sharesOf = ({ lengths }: MeasuredPaths) =>
  (lengths ?? []).map(({ length, share }) => ({ length, share }))
