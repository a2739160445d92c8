import type { Experiment } from '../../shared/settings/experiment'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { Theory } from '../../shared/theory/series'
import { Compute } from '../compute/compute'
import { pageJob } from './parts'
import { questionKey } from './question'
import { Task } from './task.svelte'

/** Deeper networks are computed elsewhere: this is for the time while the block changes. */
export const MOST_BLOCKS = 100

/**
 * Milliseconds that theory of the block before an edit may take to its end: who draws without a pause still sees some.
 */
const PATIENCE = 300

interface LiveAnswer {
  experiment: Experiment
  theory: Theory
  depth: number
  /** How long it took. */
  ms: number
}

/** The document with this block alone, as deep as is computed while it changes. */
export function liveExperiment(graph: BlockGraph, document: Experiment): Experiment {
  const { network: _, draft: __, order: ___, ...rest } = document
  const blocks = Math.min(document.blocks, MOST_BLOCKS)
  return { ...rest, block: [graph], compare: [], remedies: ['none'], blocks }
}

const questionOf = (experiment: Experiment) => questionKey({ experiment, dependsOn: 'measuring' })

/** Theory of the block under edit, in the page's worker, as fast as the edits come. */
export class LiveTheoryState {
  readonly #task = new Task(PATIENCE)
  readonly #compute = new Compute()
  #answer = $state.raw<LiveAnswer | null>(null)

  /** The newest answer; it may be of the block before the last edit. */
  get answer(): LiveAnswer | null {
    return this.#answer
  }
  get failure(): string | null {
    return this.#task.error?.message ?? null
  }

  /** Whether the answer is of this experiment. */
  answers(experiment: Experiment): boolean {
    return this.#task.answers(questionOf(experiment))
  }

  /** @param experiment see `liveExperiment` */
  ask(experiment: Experiment): void {
    const question = questionOf(experiment)
    // What is asked already is under way, has an answer, or has failed and would again.
    if (this.#task.asks(question)) return
    const begun = performance.now()
    void this.#task.start(question, async (run) => {
      const theory = await pageJob(run, this.#compute, 'liveTheory', experiment)
      this.#answer = { experiment, theory, depth: experiment.blocks, ms: performance.now() - begun }
    })
  }

  close(): void {
    this.#task.cancel()
    this.#compute.close()
  }
}
