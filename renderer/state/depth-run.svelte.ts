import { depthPlan, depthSettings, type DepthNetwork } from '../../shared/depth/cells'
import type { DepthCell, DepthResult, UnfinishedCell } from '../../shared/depth/results'
import { noEvaluations, type Evaluations } from '../../shared/network/results'
import type { DepthEvent } from '../../shared/protocol/jobs/depth'
import type { RunDocument } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'
import { trainingCost } from './cost'
import { NOT_KEPT, keepingOf, type Keeping } from './keeping'
import { trainerJob } from './parts'
import { questionKey } from './question'
import { Task } from './task.svelte'

/** What the run under way, or the last one, said at its start. */
type Started = Extract<DepthEvent, { type: 'depth-started' }>

/** The cell under way, as far as it is evaluated. */
export interface GrowingCell {
  series: number
  depth: number
  evaluations: Evaluations
}

/** Networks of several depths: those that are trained by now, and the one that learns. */
export class DepthRun {
  readonly task = new Task()
  #started = $state.raw<Started | null>(null)
  #cells = $state.raw<readonly DepthCell[]>([])
  #growing = $state.raw<GrowingCell | null>(null)
  #unfinished = $state.raw<UnfinishedCell | null>(null)
  #keeping = $state.raw<Keeping>(NOT_KEPT)
  #checkpointProblem = $state.raw<string | null>(null)

  constructor(private readonly connection: Connection) {}

  /** What is shown; null before anything was trained. */
  get started(): Started | null {
    return this.#started
  }
  get series(): readonly DepthNetwork[] {
    return this.#started?.series ?? []
  }
  get cells(): readonly DepthCell[] {
    return this.#cells
  }
  get growing(): GrowingCell | null {
    return this.#growing
  }
  /** The cell that a stop has found under way. */
  get unfinished(): UnfinishedCell | null {
    return this.#unfinished
  }
  /** What has a learning curve and no place over depth: the cell that learns, or that was stopped. */
  get onTheWay(): GrowingCell | null {
    return this.#growing ?? this.#unfinished
  }
  /** The run of the library that it has become. */
  get keeping(): Keeping {
    return this.#keeping
  }
  /** Why the finished cells could not be written; null when all is well. */
  get checkpointProblem(): string | null {
    return this.#checkpointProblem
  }

  isStale(experiment: Experiment): boolean {
    return this.#started !== null && questionOf(this.#started.experiment) !== questionOf(experiment)
  }

  /** Seconds that all depths take; null where none were finished yet. */
  secondsFor(experiment: Experiment): number | null {
    return this.task.secondsFor(costOf(experiment))
  }

  /** @param resume id of the run that is gone on with: the cells that it has finished are there at once */
  start(experiment: Experiment, resume?: string): Promise<void> {
    const document = asked(experiment) as unknown as Record<string, unknown>
    return this.task.start(
      questionOf(experiment),
      async (run) => {
        const body = { type: 'depth' as const, experiment: document, ...(resume && { resume }) }
        const onEvent = (event: unknown) => this.#receive(event as DepthEvent)
        const reply = await trainerJob(run, this.connection, body, { onEvent }).finally(
          () => (this.#growing = null),
        )
        if (reply.series.length) this.#end(reply)
        this.#keeping = keepingOf(reply)
        return reply
      },
      costOf(experiment),
    )
  }

  stop(): void {
    this.task.stop()
  }

  /** A run of the library as if it had just ended. */
  show({ entry, experiment, started, result }: RunDocument): void {
    this.task.finished(questionOf(experiment), entry)
    this.#begin(started as Started)
    if (result) this.#end(result as DepthResult)
    this.#keeping = { run: entry.id, problem: null }
  }

  #receive(event: DepthEvent) {
    switch (event.type) {
      case 'depth-started':
        this.#begin(event)
        break
      case 'cell':
        this.#growing = null
        this.#cells = [...this.#cells, event.cell]
        break
      case 'cell-evaluated':
        this.#growing = grown(this.#growing, event)
        break
      case 'checkpoint':
        this.#checkpointProblem = event.problem
        break
      case 'progress':
        break
      default:
        throw new Error(`Unknown event ${JSON.stringify(event satisfies never)}`)
    }
  }

  #begin(event: Started) {
    this.#started = event
    this.#cells = []
    this.#growing = null
    this.#unfinished = null
    this.#keeping = NOT_KEPT
    this.#checkpointProblem = null
  }

  #end({ cells, unfinished = null }: Pick<DepthResult, 'cells' | 'unfinished'>) {
    this.#cells = cells
    this.#unfinished = unfinished
  }
}

/** One more evaluation, in a new object. */
function grown(
  before: GrowingCell | null,
  { series, depth, step, learningRate, train, test }: Extract<DepthEvent, { type: 'cell-evaluated' }>,
): GrowingCell {
  const isSame = before?.series === series && before.depth === depth
  const old = isSame ? before.evaluations : noEvaluations()
  const add = (samples: 'train' | 'test', now: typeof train) => ({
    loss: [...old[samples].loss, now.loss],
    error: [...old[samples].error, now.error],
  })
  return {
    series,
    depth,
    evaluations: {
      step: [...old.step, step],
      learningRate: [...old.learningRate, learningRate],
      train: add('train', train),
      test: add('test', test),
    },
  }
}

/** The view has no blocks to compare with, and depths and skip connections of its own. */
const asked = (experiment: Experiment): Experiment => ({
  ...experiment,
  compare: [],
  skip: 'on',
  depth: depthSettings(experiment),
})

function questionOf(experiment: Experiment): string {
  // How deep the experiment's own network is changes nothing; of its stages only their number and shape count.
  const { network, ...rest } = asked(experiment)
  const stages = network?.stages.map((stage) => ({ ...stage, blocks: 1 }))
  const document: Experiment = {
    ...{ ...rest, blocks: 1 },
    ...(network && stages ? { network: { ...network, stages } } : {}),
  }
  return questionKey({ experiment: document, dependsOn: 'training', asks: depthSettings(experiment) })
}

/** Of all cells that are trained; Infinity where there are none to train. */
function costOf(experiment: Experiment): number {
  try {
    const { cells } = depthPlan(asked(experiment))
    const first = cells.filter(({ key }, i) => cells.findIndex((other) => other.key === key) === i)
    return first.reduce((sum, { experiment: own }) => sum + trainingCost(own, true), 0)
  } catch {
    return Infinity
  }
}
