import type { Experiment } from '../../shared/experiment/experiment'
import { divergence, trainedExperiment } from '../../shared/paths/trained'
import type { Replies } from '../../shared/protocol/protocol'
import type { TrainedWeights } from '../../shared/network/trained-weights'
import type { Connection } from '../base/connection'
import { JobState } from './job-state.svelte'
import { trainedKey } from './measure-trigger'

/** One network that was trained. */
export interface TrainedRun {
  /** Updates that were done, of `planned`. */
  steps: number
  planned: number
  weights: TrainedWeights
  /** On the test samples; null where training was stopped. */
  test: { loss: number; error: number } | null
  /** Why its weights say nothing; null when they are numbers. */
  problem: string | null
}

/** So many are kept: who goes back to other settings finds their network. */
const KEPT = 6

/** Networks trained in place for the view of paths, one for each question. */
export class TrainedRuns {
  readonly job: JobState<'train'>
  #runs = $state.raw<readonly { key: string; run: TrainedRun }[]>([])
  #training = $state<string | null>(null)

  constructor(connection: Connection) {
    this.job = new JobState(connection)
  }

  /** The trained network of a series alone. */
  find(experiment: Experiment): TrainedRun | null {
    const key = keyOf(experiment)
    return this.#runs.find((one) => one.key === key)?.run ?? null
  }

  /** Whether it is this one that is being trained. */
  isTraining(experiment: Experiment): boolean {
    return this.job.isRunning && this.#training === keyOf(experiment)
  }

  async train(experiment: Experiment): Promise<void> {
    const key = keyOf(experiment)
    const asked = trainedExperiment(experiment)
    this.#training = key
    const before = this.job.reply
    await this.job.start({
      type: 'train',
      experiment: asked as unknown as Record<string, unknown>,
      weights: true,
    })
    const { reply } = this.job
    if (this.#training !== key || this.job.error || !reply || reply === before) return
    const run = runOf(reply, asked)
    if (run) this.#runs = [{ key, run }, ...this.#runs.filter((one) => one.key !== key)].slice(0, KEPT)
  }
}

const keyOf = (experiment: Experiment) => trainedKey(trainedExperiment(experiment))

/** Null where it was stopped before it began. */
function runOf({ steps, series: [one] }: Replies['train'], experiment: Experiment): TrainedRun | null {
  if (!one?.weights) return null
  const { weights, test } = one
  return {
    steps,
    planned: experiment.steps,
    weights,
    test: test && { loss: test.loss.mean, error: test.error.mean },
    problem: divergence(one, experiment),
  }
}
