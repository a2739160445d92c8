import { dataBatch, inputData, isVectorData, usesData } from '../../../shared/data/batch'
import type { Experiment } from '../../../shared/settings/experiment'
import { streamInput } from '../../../shared/theory/input'
import type { SeriesHeader, Theory } from '../../../shared/theory/series'
import { NoTheory } from '../../../shared/moments/moments'
import type { PlannedBlock } from '../../../shared/network/plan'
import { causesOf } from '../../../shared/theory/causes'
import { FewSamples, finiteWidth, needsBatch, type FiniteWidth } from '../../../shared/theory/finite-width'
import { finiteWidthRemark, leavesDoubt, undrawnRemark } from '../../../shared/theory/finite-width-remark'
import { theoryOf } from '../../../shared/theory/theory'
import { ofAllSeeds } from '../../../shared/theory/walk'
import type { PreparedSeries } from './prepared-series'

/**
 * Theories of networks that were asked for before: another seed, or a remedy that changes nothing, needs no second
 * calculation.
 */
const known = new Map<string, Theory>()
const MOST_KNOWN = 200

/**
 * The curves of an experiment with their final graphs and what theory expects of them: q, v, m, p over k = 0..L.
 * @param prepared all of the experiment's
 */
export function seriesHeaders(experiment: Experiment, prepared: readonly PreparedSeries[]): SeriesHeader[] {
  const limitOf = limits(experiment)
  return prepared.map(({ series, plan }) => ({ ...series, theory: limitOf(plan) }))
}

/** The limit of an experiment's networks, by their plan. */
function limits(experiment: Experiment): (plan: readonly PlannedBlock[]) => Theory {
  const asked = ofAllSeeds(experiment)
  const keyOf = keysOf(asked)
  const h0 = streamInput(asked, isVectorData(asked) ? dataBatch(asked).x : null)
  return (plan) => remembered(known, keyOf(plan), () => theoryOf(plan, asked, h0))
}

/** A theory that is there. */
export interface TheoryNews {
  series: number
  theory: Theory
  /** With what single networks show: the last of this series. */
  isWhole: boolean
}

/**
 * Theories of an experiment's series one after the other: first the limits of all, then each of them with what single
 * networks show.
 * @param beforeEach called before each series and each network that is drawn; may throw
 */
export function* theoriesOf(
  experiment: Experiment,
  prepared: readonly PreparedSeries[],
  beforeEach: () => void = () => {},
): Generator<TheoryNews> {
  const limitOf = limits(experiment)
  const found: Theory[] = []
  for (const [series, { plan }] of prepared.entries()) {
    beforeEach()
    const theory = limitOf(plan)
    found.push(theory)
    yield { series, theory, isWhole: false }
  }
  const wholeOf = wholes(experiment, prepared.length, beforeEach)
  for (const [series, { plan }] of prepared.entries())
    yield { series, theory: wholeOf(plan, found[series]), isWhole: true }
}

/** What theory of single networks may take for all series of an experiment together. */
const FINITE_WIDTH_SECONDS = 1

/** With why there is none, where there is none. */
const knownFinite = new Map<string, FiniteWidth | NoTheory>()

/**
 * Single networks, or why there are none.
 * @param theory their limit, which takes longer than to see that there is no time for them: asked for behind that
 * @param smaller as of `finiteWidthRemark`
 */
type Draw = (
  plan: readonly PlannedBlock[],
  asked: Experiment,
  theory: () => Theory,
  smaller?: number,
) => FiniteWidth | NoTheory

/** Of a large batch whose samples a norm looks at, networks take long: a smaller one says about how far they are. */
const SMALLER_BATCHES = [32, 16, 8]

/**
 * The series with what single networks of the width show in their theories, and the remark that says it where that
 * matters.
 * @param series those that are prepared, one by one
 */
export function withFiniteWidth<S extends Pick<SeriesHeader, 'theory'>>(
  experiment: Experiment,
  prepared: readonly PreparedSeries[],
  series: readonly S[],
): S[] {
  const wholeOf = wholes(experiment, prepared.length)
  return prepared.map(({ plan }, i) => ({ ...series[i], theory: wholeOf(plan, series[i].theory) }))
}

/**
 * The limit of an experiment's networks with what single ones show, by their plan.
 * @param count of all series of the experiment
 * @param beforeEach called before each network is drawn; may throw
 */
function wholes(experiment: Experiment, count: number, beforeEach?: () => void) {
  const seconds = FINITE_WIDTH_SECONDS / count
  const drawn: Draw = (plan, asked, theory, smaller) =>
    remembered(knownFinite, `${seconds} ${smaller !== undefined} ${keysOf(asked)(plan)}`, () =>
      orWhyNot(() =>
        finiteWidth(plan, asked, {
          seconds,
          beforeEach,
          isEnough: (found) => !leavesDoubt(theory(), found, smaller),
          ...(smaller !== undefined && { isWhole: true }),
        }),
      ),
    )
  const asked = ofAllSeeds(experiment)
  return (plan: readonly PlannedBlock[], theory: Theory): Theory => {
    const found = drawn(plan, asked, () => theory)
    const isKnown = !(found instanceof NoTheory)
    const own = isKnown
      ? finiteWidthRemark(theory, found)
      : (ofSmallerBatch(plan, asked, found, drawn) ?? undrawnRemark(theory, plan, found.message))
    const causes = causesOf(plan, theory, isKnown ? found : null, Boolean(own))
    const remark = [theory.remark, own, ...causes].filter(Boolean).join(' ') || null
    return { ...theory, remark, ...(isKnown && { finiteWidth: found }) }
  }
}

/**
 * What networks of the largest batch show that there is time for, relative to their own limit, where norms look at the
 * batch, or few samples do not stand for it; '' where they do not leave it, null where there are none.
 */
function ofSmallerBatch(
  plan: readonly PlannedBlock[],
  asked: Experiment,
  why: NoTheory,
  drawn: Draw,
): string | null {
  if (!needsBatch(plan, asked) && !(why instanceof FewSamples)) return null
  for (const batch of SMALLER_BATCHES.filter((smaller) => smaller < asked.batch)) {
    const smaller = { ...asked, batch }
    const theory = () => limits(smaller)(plan)
    const found = drawn(plan, smaller, theory, batch)
    if (!(found instanceof NoTheory)) return finiteWidthRemark(theory(), found, batch) ?? ''
  }
  return null
}

function orWhyNot<T>(ask: () => T): T | NoTheory {
  try {
    return ask()
  } catch (error) {
    if (error instanceof NoTheory) return error
    throw error
  }
}

function remembered<T>(among: Map<string, T>, key: string, make: () => T): T {
  const before = among.get(key)
  if (before !== undefined) return before
  const made = make()
  if (among.size >= MOST_KNOWN) among.delete(among.keys().next().value!)
  among.set(key, made)
  return made
}

/** What a network's theory depends on. */
function keysOf(asked: Experiment): (plan: readonly PlannedBlock[]) => string {
  const { blocks, batch, init, gain, input, stem, network, seed } = asked
  const data = usesData(asked) ? inputData(asked) : null
  const common = [blocks, batch, init, gain, input, data, stem, network?.stem, seed]
  return (plan) => {
    // Blocks that follow one like them need not be told again.
    const changes = plan.flatMap((block, k) => (block === plan[k - 1] ? [] : [{ ...block, k }]))
    const nets = changes.map(({ graph, place, k }) => [k, place, graph.nodes, graph.output])
    return JSON.stringify([common, nets])
  }
}
