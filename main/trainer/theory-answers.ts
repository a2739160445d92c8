import { messageOf } from '../../shared/base/errors'
import type { Experiment } from '../../shared/settings/experiment'
import { Stopped } from './engine/control'
import { prepareSeries } from './engine/prepared-series'
import { theoriesOf, type TheoryNews } from './engine/series-theory'

/** Two int32 cells of shared memory, for each question: whether nobody waits any more, and how many answers came. */
export const IS_ENDED = 0
export const ANSWERS = 1

export interface TheoryQuestion {
  /** Answers carry it. */
  id: number
  experiment: Experiment
  shared: SharedArrayBuffer
}

/** News; null: there is no more. */
export type TheoryAnswer = { id: number } & ({ news: TheoryNews | null } | { error: string })

/** A question of this number, of which nobody has gone yet. */
export function theoryQuestion(id: number, experiment: Experiment): TheoryQuestion {
  return { id, experiment, shared: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT) }
}

/** Nobody waits for more answers. */
export const endQuestion = ({ shared }: TheoryQuestion): void =>
  void Atomics.store(new Int32Array(shared), IS_ENDED, 1)

/**
 * Computes what is asked, in whatever thread that is: theories one by one as they are found, until there are no more or
 * nobody waits. They stay known by the plan of their networks, so that one asked for again is there at once.
 */
export function answerTheory(
  { id, experiment, shared }: TheoryQuestion,
  post: (answer: TheoryAnswer) => void,
): void {
  const cells = new Int32Array(shared)
  const answer = (value: TheoryAnswer) => {
    post(value)
    Atomics.add(cells, ANSWERS, 1)
    Atomics.notify(cells, ANSWERS)
  }
  const stopWhereEnded = () => {
    if (Atomics.load(cells, IS_ENDED)) throw new Stopped()
  }
  try {
    for (const news of theoriesOf(experiment, prepareSeries(experiment), stopWhereEnded)) answer({ id, news })
    answer({ id, news: null })
  } catch (error) {
    if (!(error instanceof Stopped)) answer({ id, error: messageOf(error) })
  }
}
