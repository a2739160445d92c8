import type { Backend } from '../backend'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import type { ShatterEvent } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import type { ShatterNetwork, ShatterResult, ShatterSeries } from '../../../shared/shatter/results'
import { gridOf, noiseReferences } from '../../../shared/shatter/shatter'
import type { SampleLine } from '../../../shared/shatter/trained'
import type { ControlBuffer } from './control'
import { deviceStatus } from './device-status'
import { logitOnLine } from './logit-on-line'
import { prepareSeries } from './prepared-series'
import { Progress, waitForTurn } from './progress'
import type { RunFolder } from './run-folder'
import { curvesOf } from './shatter'
import { trainNetworks } from './train'
import { takeStatistics } from './training-evaluation'
import type { TrainableSeries } from './trainable-series'

/** Trained networks on a line between two test samples: a logit, and its derivative along the line. */

interface Job {
  backend: Backend
  experiment: Experiment
  settings: ShatterSettings
  line: SampleLine
  control: ControlBuffer
  emit: (event: ShatterEvent) => void
  /** Of the run whose networks they are; null: they are trained as the experiment says. */
  place: RunFolder | null
}

/** @throws InputError when the networks do not fit; a stop is no error (finished: false) */
export async function shatterOfTrained({
  settings,
  line,
  control,
  emit,
  place,
  ...job
}: Job): Promise<ShatterResult> {
  const { backend } = job
  const experiment = trainingExperiment(job.experiment)
  const prepared = prepareSeries(experiment)
  const { blocks, skip } = experiment
  const networks: ShatterNetwork[] = prepared.map(({ series }) => ({
    ...series,
    reference: null,
    blocks,
    skip,
  }))
  const x = [...gridOf(settings)]
  const references = noiseReferences(settings, experiment.seed)
  const device = deviceStatus(backend)
  emit({ type: 'shatter-started', device, experiment, settings, series: networks, x, references })
  const series: ShatterSeries[] = []
  const after = async (trained: readonly TrainableSeries[]) => {
    const progress = new Progress(trained.length * x.length, 'points', emit)
    for (const [i, network] of trained.entries()) {
      await takeStatistics(network)
      const onPoints = async (points: number) => {
        await waitForTurn({ control, progress })
        for (let p = 0; p < points; p++)
          progress.tick(`networks ${i + 1} of ${trained.length}, along the line`)
      }
      const { y, slope } = await logitOnLine(network, line, Float64Array.from(x), onPoints)
      const finite = Array.from({ length: experiment.replicas }, (_, r) =>
        y.subarray(r * x.length, (r + 1) * x.length).every(Number.isFinite),
      )
      const one: ShatterSeries = {
        ...networks[i],
        ...curvesOf(y, slope, finite, settings),
        ...{ correlation: null, correlationBand: null, theory: null },
        theoryNote: 'Theory and the correlation between Gaussian inputs are of networks at initialisation.',
      }
      series.push(one)
      emit({ type: 'shattered', series: i, result: one })
    }
  }
  const onlyProgress: Parameters<typeof trainNetworks>[3] = (event) => {
    if (event.type === 'progress') emit(event)
  }
  const options = { after, prepared, place, isPart: true }
  const { finished } = await trainNetworks(backend, experiment, control, onlyProgress, options)
  return { finished, x, references, series }
}
