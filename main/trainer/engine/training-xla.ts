/**
 * Whether XLA is to compile a training's steps: it fuses operations, which saves a GPU much going to and from its
 * memory, and takes seconds to minutes to compile; so it is tried, and used where it pays.
 */
import { messageOf } from '../../../shared/base/errors'
import { formatDuration } from '../../../shared/base/format'
import { summarisePoint } from '../../../shared/numerics/statistics'
import type { XlaChoice } from '../../../shared/runs/computed'
import type { Experiment } from '../../../shared/settings/experiment'
import type { Runner } from '../compile'
import type { Steps } from './training-steps'

/** Steps of each kind that are timed, once all is compiled. */
const TIMED = 5
/** Milliseconds that compiling takes for each block, about: half a second to two were seen, on two busy cores. */
const COMPILED_IN = 1000
/** What is tried in vain is to be a fifth of the training at most. */
const TIMES = 5
/** Milliseconds of steps that are worth no trial, however few blocks they pass. */
const LEAST = 60_000
/**
 * By how much a statistic may differ, as a share of its size (`difference`). XLA sums in another order: on the CPU that
 * was 4 · 10⁻⁶ at most in networks of up to 20 blocks.
 */
export const TOLERANCE = 1e-4
/** Characters of a reason. */
const LONGEST_REASON = 200

/** How steps without an update went. */
export interface Timed {
  /** Milliseconds of the first run of their graph, which loads and compiles it. */
  first: number
  /** Median of those after it. */
  each: number
  /** By series, see `trainingStep`. */
  statistics: Float32Array[]
}

/** What follows: so many steps, by so many graphs that are compiled each by itself. */
export interface Ahead {
  steps: number
  graphs: number
}

interface Trial extends Ahead {
  /** Of all series together. */
  blocks: number
  size: Pick<Experiment, 'replicas' | 'blocks'>
  /** Steps whose operations run so. */
  make: (runner: Runner) => Steps
  /** One step without an update. */
  look: (steps: Steps) => Promise<Float32Array[]>
  /** Told what is being done. */
  say: (what: string) => void
}

/** Milliseconds of all steps to come from which XLA is tried. */
export const worthTrying = ({ blocks }: Pick<Trial, 'blocks'>): number =>
  Math.max(LEAST, TIMES * COMPILED_IN * blocks)

/**
 * Tries both on steps without an update.
 * @param worth see `worthTrying`
 * @returns null where what follows is too short for it
 */
export async function measuredXla(trial: Trial, worth = worthTrying(trial)): Promise<XlaChoice | null> {
  const { make, look, say, steps, size } = trial
  const plain = await used(make('kernels'), (own) => timed(() => look(own)))
  if (!(plain.each * steps >= worth)) return null
  say('trying steps compiled by XLA')
  try {
    const compiled = await used(make('xla'), (own) => timed(() => look(own)))
    return choiceOf(plain, compiled, trial, size)
  } catch (error) {
    return leftOut(error)
  }
}

/** Uses it where it compiles the steps, whatever they take. */
export async function wantedXla({ make, look, say }: Trial): Promise<XlaChoice> {
  say('compiling the steps by XLA')
  try {
    await used(make('xla'), async (own) => {
      await look(own)
      await look(own)
    })
    return { used: true, times: null, why: null }
  } catch (error) {
    return leftOut(error)
  }
}

/** What both have shown. */
export function choiceOf(
  plain: Timed,
  compiled: Timed,
  ahead: Ahead,
  size: Pick<Experiment, 'replicas' | 'blocks'>,
): XlaChoice {
  const times = { compiled: compiled.each, plain: plain.each }
  const left = (why: string): XlaChoice => ({ used: false, times, why })
  const far = difference(plain.statistics, compiled.statistics, size)
  if (!(far <= TOLERANCE))
    return left(
      `a statistic of its step differs by ${far.toPrecision(2)} of its size, and ${TOLERANCE} is allowed`,
    )
  if (compiled.each >= plain.each) return left('it is no faster')
  if (total(compiled, ahead) < total(plain, ahead)) return { used: true, times, why: null }
  const took = formatDuration((ahead.graphs * once(compiled)) / 1000)
  return left(`compiling takes ${took}, which ${ahead.steps.toLocaleString('en')} steps do not make up for`)
}

/** Milliseconds that compiling takes, of one graph. */
const once = ({ first, each }: Timed) => Math.max(0, first - each)

const total = (one: Timed, { steps, graphs }: Ahead) => graphs * once(one) + steps * one.each

/**
 * The largest difference between statistics of the same steps, as a share of their size: of the mean of h_k that is the
 * root of its mean square, of its variance its mean square, of all else itself. Accuracies, which go by whole samples,
 * say nothing that losses do not.
 */
export function difference(
  ones: readonly Float32Array[],
  others: readonly Float32Array[],
  { replicas, blocks }: Pick<Experiment, 'replicas' | 'blocks'>,
): number {
  const moments = 2 * replicas
  const gradients = moments + 3 * replicas * (blocks + 1)
  let largest = 0
  ones.forEach((one, series) => {
    const other = others[series]
    const size = (at: number) => Math.max(Math.abs(one[at]), Math.abs(other[at]))
    for (let at = 0; at < one.length; at++) {
      const isMoment = at >= moments && at < gradients
      const isSame = one[at] === other[at] || (Number.isNaN(one[at]) && Number.isNaN(other[at]))
      if (isSame || (at >= replicas && at < moments)) continue
      // In turn q, v and m of each h_k, of all replicas.
      const kind = isMoment ? Math.floor((at - moments) / replicas) % 3 : 0
      const square = size(at - kind * replicas)
      const share = Math.abs(one[at] - other[at]) / (kind === 2 ? Math.sqrt(square) : square)
      // Where one alone is not finite there is no share: that is as far as can be.
      largest = Math.max(largest, Number.isNaN(share) ? Infinity : share)
    }
  })
  return largest
}

/** @param look a step; the first is recorded while it runs as it is written */
async function timed(look: () => Promise<Float32Array[]>): Promise<Timed> {
  await look()
  const clocked = async () => {
    const begun = performance.now()
    const statistics = await look()
    return { took: performance.now() - begun, statistics }
  }
  const { took: first, statistics } = await clocked()
  const times: number[] = []
  for (let i = 0; i < TIMED; i++) times.push((await clocked()).took)
  return { first, each: summarisePoint(times).median, statistics }
}

async function used<T>(steps: Steps, work: (steps: Steps) => Promise<T>): Promise<T> {
  try {
    return await work(steps)
  } finally {
    steps.dispose()
  }
}

function leftOut(error: unknown): XlaChoice {
  const said = messageOf(error).split('\n')[0].slice(0, LONGEST_REASON)
  return { used: false, times: null, why: `it does not compile these steps (${said})` }
}
