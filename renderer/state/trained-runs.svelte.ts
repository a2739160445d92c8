import type { Experiment } from '../../shared/settings/experiment'
import { divergence, trainedExperiment } from '../../shared/paths/trained'
import type { Replies } from '../../shared/protocol/protocol'
import type { TrainedWeights } from '../../shared/network/trained-weights'
import type { Connection } from '../base/connection'
import { trainingCost } from './cost'
import { keepingOf, type Keeping } from './keeping'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { Task, type TaskRun } from './task.svelte'

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
  /** The run of its training. */
  keeping: Keeping
}

/** So many are kept: who goes back to other settings finds their network. */
const KEPT = 6

/** Networks trained in place for the view of paths, one for each question. */
export class TrainedRuns {
  readonly training = new Task()
  #runs = $state.raw<readonly { key: string; run: TrainedRun }[]>([])

  constructor(private readonly connection: Connection) {}

  /** The trained network of a series alone. */
  find(experiment: Experiment): TrainedRun | null {
    const key = keyOf(experiment)
    return this.#runs.find((one) => one.key === key)?.run ?? null
  }

  /** Whether it is this one that is being trained. */
  isTraining(experiment: Experiment): boolean {
    return this.training.isRunning && this.training.asks(keyOf(experiment))
  }

  /** Seconds that training it is to take; null where none was trained yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.training.secondsFor(trainingCost(trainedExperiment(experiment)))
  }

  train(experiment: Experiment): Promise<void> {
    const key = keyOf(experiment)
    const asked = trainedExperiment(experiment)
    const document = asked as unknown as Record<string, unknown>
    const work = async (task: TaskRun) => {
      const body = { type: 'train' as const, experiment: document, weights: true }
      const reply = await trainerJob(task, this.connection, body)
      const run = runOf(reply, asked)
      if (run) this.#runs = [{ key, run }, ...this.#runs.filter((one) => one.key !== key)].slice(0, KEPT)
      return reply
    }
    return this.training.start(key, work, trainingCost(asked))
  }
}

const keyOf = (experiment: Experiment): string =>
  questionKey({ experiment: trainedExperiment(experiment), dependsOn: 'training' })

/** Null where it was stopped before it began. */
function runOf(reply: Replies['train'], experiment: Experiment): TrainedRun | null {
  const {
    steps,
    series: [one],
  } = reply
  if (!one?.weights) return null
  const { weights, test } = one
  return {
    steps,
    planned: experiment.steps,
    weights,
    test: test && { loss: test.loss.mean, error: test.error.mean },
    problem: divergence(one, experiment),
    keeping: keepingOf(reply),
  }
}
