import type { Backend } from '../backend'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { summarisePoint } from '../../../shared/numerics/statistics'
import type { ShatterEvent } from '../../../shared/protocol/protocol'
import type { TrainEvent } from '../../../shared/protocol/jobs/train'
import type { Experiment } from '../../../shared/settings/experiment'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import type { ShatterNetwork, ShatterResult, ShatterSeries } from '../../../shared/shatter/results'
import { gridOf, noiseReferences } from '../../../shared/shatter/shatter'
import type { LookedStep } from '../../../shared/shatter/steps'
import { lookedSamples, type SampleLine } from '../../../shared/shatter/trained'
import { agreesWithRun, keptOrRefused, lookAtSteps, stepsOf, type AtStep } from './checkpoint/at-steps'
import type { ControlBuffer } from './control'
import { deviceStatus } from './device-status'
import { logitOnLine } from './logit-on-line'
import { prepareSeries } from './prepared-series'
import { Progress, waitForTurn } from './progress'
import type { RunFolder } from './run-folder'
import { curvesOf } from './shatter'
import { gradientCorrelations } from './shattering'
import { evaluate } from './training-evaluation'
import type { TrainableSeries } from './trainable-series'

interface Job {
  backend: Backend
  experiment: Experiment
  settings: ShatterSettings
  line: SampleLine
  /** After how many updates the networks are looked at. */
  steps: readonly LookedStep[]
  control: ControlBuffer
  emit: (event: ShatterEvent) => void
  /** Of the run whose networks they are. */
  place: RunFolder
}

/**
 * The networks of a run after chosen numbers of updates: a logit on a line between two test samples with its derivative
 * along the line, the gradient correlation between test samples (`gradientCorrelations`), and how they did then.
 * @returns series of the first step, then of the next, ascending
 * @throws InputError when the networks do not fit, or there are none of a step; a stop is no error (finished: false)
 */
export async function shatterOfTrained(job: Job): Promise<ShatterResult> {
  const { backend, settings, control, emit, place } = job
  const experiment = trainingExperiment(job.experiment)
  const prepared = prepareSeries(experiment)
  const kept = await keptOrRefused(place, experiment, prepared.length)
  const steps = stepsOf(kept, job.steps)
  const { blocks, skip } = experiment
  const networks = steps.flatMap(({ step }) =>
    prepared.map(({ series }): ShatterNetwork => ({ ...series, reference: null, blocks, skip, step })),
  )
  const x = [...gridOf(settings)]
  const references = noiseReferences(settings, experiment.seed)
  const device = deviceStatus(backend)
  emit({ type: 'shatter-started', device, experiment, settings, series: networks, x, references })
  const series: ShatterSeries[] = []
  const looked = lookedSamples(experiment, settings.points)
  const { progress, onTraining } = progressOfAll(experiment, prepared.length, steps, looked.all, emit)
  const look = async (trained: readonly TrainableSeries[], at: AtStep) => {
    for (const [i, network] of trained.entries()) {
      const which = trained.length === 1 ? '' : `, networks ${i + 1} of ${trained.length}`
      const when = at.step === null ? 'along the line' : `at step ${at.step}, along the line`
      const tick = (samples: number) => progress.tick(`${when}${which}`, samples)
      const passed = async (samples: number) => {
        await waitForTurn({ control, progress })
        tick(samples)
      }
      const measured = await measure(network, job, Float64Array.from(x), looked.evaluated, passed)
      const agrees = at.isReplayed ? agreesWithRun(kept, i, at.step, measured.learned.train.loss) : null
      const place = series.length
      const one = {
        ...networks[place],
        ...measured,
        learned: { ...measured.learned, isReplayed: at.isReplayed, agrees },
      }
      series.push(one)
      emit({ type: 'shattered', series: place, result: one })
      // A stop while gradients are correlated leaves what has been measured.
      tick(looked.correlated)
    }
  }
  const xla = kept.xla?.used ?? false
  const trained = { backend, experiment, prepared, xla, control, emit: onTraining }
  const finished = await lookAtSteps(trained, place, steps, look)
  return { finished, x, references, series }
}

/**
 * One progress of all looks and of the training between them, in samples that go through networks.
 * @param looked samples that one look takes through the networks of a series
 */
function progressOfAll(
  experiment: Experiment,
  series: number,
  steps: readonly AtStep[],
  looked: number,
  emit: (event: ShatterEvent) => void,
) {
  const updates = steps.reduce((most, { step, isReplayed }) => (isReplayed ? Math.max(most, step!) : most), 0)
  const samples = steps.length * looked + updates * experiment.batch
  const progress = new Progress(series * samples, 'samples', emit)
  let made = 0
  const onTraining = (event: TrainEvent) => {
    if (event.type !== 'progress') return
    if (event.unit !== 'steps') return progress.say(event.message)
    progress.tick(event.message, (event.done - made) * series * experiment.batch)
    made = event.done
  }
  return { progress, onTraining }
}

/** Of the networks as they are; the evaluation comes first, which takes the statistics over training samples. */
async function measure(
  network: TrainableSeries,
  { settings, line }: Job,
  t: Float64Array,
  evaluated: number,
  passed: (samples: number) => Promise<void>,
) {
  const { train, test } = await evaluate(network)
  await passed(evaluated)
  const { y, slope } = await logitOnLine(network, line, t, passed)
  const finite = Array.from({ length: network.experiment.replicas }, (_, r) =>
    y.subarray(r * t.length, (r + 1) * t.length).every(Number.isFinite),
  )
  const correlations = [...(await gradientCorrelations(network))]
  const { mean, low, high } = summarisePoint(correlations)
  return {
    ...curvesOf(y, slope, finite, settings),
    ...{ correlation: mean, correlationBand: { low, high }, theory: null },
    theoryNote: 'Theory is of networks at initialisation, and of Gaussian inputs.',
    learned: { correlations, train, test },
  }
}
