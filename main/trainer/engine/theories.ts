import type { Experiment } from '../../../shared/settings/experiment'
import type { PreparedSeries } from './prepared-series'
import { theoriesOf, type TheoryNews } from './series-theory'

/** The theories of an experiment's series, which come while its networks are measured. */
export interface Theories {
  /** What has come since it was last asked. */
  come(): TheoryNews[]
  /**
   * All that has not come yet.
   * @param turn called again and again meanwhile; may throw
   * @param onWait called where another thread is waited for
   */
  rest(turn: () => void, onWait?: () => void): Promise<TheoryNews[]>
  /** Nobody waits for more. */
  end(): void
}

/** Begins with an experiment's theories. @param prepared all of its series */
export type AskTheories = (experiment: Experiment, prepared: readonly PreparedSeries[]) => Theories

/** Nobody looks at theory: series keep `PENDING_THEORY`. */
export const noTheories: AskTheories = () => ({ come: () => [], rest: async () => [], end: () => {} })

/** In this thread: the limits when they are first asked for, what single networks show after the picture. */
export const theoriesHere: AskTheories = (experiment, prepared) => {
  let turn = () => {}
  const news = theoriesOf(experiment, prepared, () => turn())
  let isAsked = false
  return {
    come() {
      if (isAsked) return []
      isAsked = true
      return prepared.map(() => news.next().value as TheoryNews)
    },
    async rest(wait) {
      turn = wait
      return [...news]
    },
    end: () => {},
  }
}
