import type { Backend } from '../backend'
import { backwardBlock } from '../../../shared/block/interpreter'
import { isRegression } from '../../../shared/data/description'
import { dataSetOf } from '../../../shared/data/samples'
import { scaledSamples } from '../../../shared/data/scale'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { positions } from '../../../shared/numerics/shape'
import type { Place, ShatterEvent } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import type { ShatterNetwork, ShatterResult, ShatterSeries } from '../../../shared/shatter/results'
import { gridOf, noiseReferences } from '../../../shared/shatter/shatter'
import type { SampleLine } from '../../../shared/shatter/trained'
import type { ControlBuffer } from './control'
import { deviceStatus } from './device-status'
import { pointsAtOnce } from './memory'
import { forwardPlanned } from './planned-block'
import { prepareSeries } from './prepared-series'
import { Progress, waitForTurn } from './progress'
import { readout, pooled, unpooled } from './readout'
import { samplesTensor } from './series-evaluation'
import { curvesOf } from './shatter'
import type { Tensor } from './tensor'
import { tensorMath } from './tensor-math'
import { takeValues } from './tensor-values'
import { trainNetworks } from './train'
import { takeStatistics } from './training-evaluation'
import type { TrainableSeries } from './trainable-series'
import { byNode } from './weights'

/** Trained networks on a line between two test samples: a logit, and its derivative along the line. */

interface Job {
  backend: Backend
  experiment: Experiment
  settings: ShatterSettings
  line: SampleLine
  control: ControlBuffer
  emit: (event: ShatterEvent) => void
  /** Of the run whose networks they are; null: they are trained as the experiment says. */
  place: Place | null
}

/** @throws InputError when the networks do not fit; a stop is no error (finished: false) */
export function shatterOfTrained({ settings, line, control, emit, place, ...job }: Job): ShatterResult {
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
  const after = (trained: readonly TrainableSeries[]) => {
    const progress = new Progress(trained.length * x.length, 'points', emit)
    trained.forEach((network, i) => {
      takeStatistics(network)
      const onPoints = (points: number) => {
        waitForTurn({ control, progress })
        for (let p = 0; p < points; p++)
          progress.tick(`networks ${i + 1} of ${trained.length}, along the line`)
      }
      const { y, slope } = logitOnLine(network, line, Float64Array.from(x), onPoints)
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
    })
  }
  const onlyProgress: Parameters<typeof trainNetworks>[3] = (event) => {
    if (event.type === 'progress') emit(event)
  }
  const { finished } = trainNetworks(backend, experiment, control, onlyProgress, { after, prepared, place })
  return { finished, x, references, series }
}

/**
 * The logit of the class of sample a (of networks with real targets, the first output) at a + t (b - a), and its
 * derivative in t, ∇y · (b - a), in evaluation: noise is its mean, and batch statistics are held constant, those of the
 * training samples or, where networks are evaluated with those of what goes in, those of the line's points.
 * @param t the points @param onPoints hears of so many done
 * @returns [R, points] each
 */
export function logitOnLine(
  network: TrainableSeries,
  line: SampleLine,
  t: Float64Array,
  onPoints: (points: number) => void = () => {},
): { y: Float32Array; slope: Float32Array } {
  const { experiment, plan } = network
  const data = dataSetOf(experiment)
  const [a, b] = [line.from, line.to].map((sample) => scaledSamples(data, data.test, [sample]))
  const direction = a.map((value, i) => b[i] - value)
  const unit = isRegression(data.description) ? 0 : data.test.y[line.from]
  const { replicas } = experiment
  const [y, slope] = [new Float32Array(replicas * t.length), new Float32Array(replicas * t.length)]
  // Statistics of the points themselves are those of all of them.
  const areOwn = experiment.batchStatistics === 'evaluated'
  const each = areOwn ? t.length : pointsAtOnce(plan, experiment, t.length)
  for (let from = 0; from < t.length; from += each) {
    const points = t.subarray(from, from + each)
    const x = new Float32Array(points.length * a.length)
    points.forEach((at, i) => a.forEach((value, j) => (x[i * a.length + j] = value + at * direction[j])))
    const [value, change] = onPart(network, x, direction, unit)
    for (let r = 0; r < replicas; r++) {
      y.set(value.subarray(r * points.length, (r + 1) * points.length), r * t.length + from)
      slope.set(change.subarray(r * points.length, (r + 1) * points.length), r * t.length + from)
    }
    onPoints(points.length)
  }
  return { y, slope }
}

/** Of some points, all in memory. @returns the logit and its derivative, [R, points] each */
function onPart(
  { backend: { tf }, evaluation, parameters, experiment: { replicas } }: TrainableSeries,
  x: Float32Array,
  along: Float32Array,
  unit: number,
): Float32Array[] {
  const math = tensorMath(tf)
  const { stem, blocks, head, output, top } = parameters
  const layers = [stem, ...blocks, ...(head ? [head] : [])]
  const count = x.length / along.length
  const values = tf.tidy(() => {
    const input = samplesTensor(parameters, x)
    const states: Tensor[] = [tf.tile(input, [replicas, 1, 1])]
    for (const layer of layers) states.push(evaluation.passBlock(layer, states[states.length - 1]))
    const grid = positions(top)
    const [weight, bias] = [output[0].variable, output[1].variable]
    const scores = readout(tf, pooled(tf, states[states.length - 1], grid), [weight, bias])
    const logit = tf.slice(scores, [0, 0, unit], [-1, -1, 1])
    const row = tf.transpose(tf.slice(weight, [0, 0, unit], [-1, -1, 1]), [0, 2, 1])
    const gradient = layers.reduceRight(
      (above, { planned }, i) =>
        tf.tidy(() => {
          const flat = parameters.expected(layers[i])
          const statistics = evaluation.statisticsOf(layers[i])
          const trace = forwardPlanned(tf, planned, states[i], flat, statistics)
          const { graph, place } = planned
          return backwardBlock(math, graph, byNode(graph, place, flat), trace, above, true).input
        }),
      unpooled(tf, tf.tile(row, [1, count, 1]), grid),
    )
    const byPoint = tf.reshape(gradient, [replicas, count, along.length])
    const change = tf.sum(tf.mul(byPoint, tf.tensor(along, [1, 1, along.length])), 2)
    return [logit, change]
  })
  return values.map(takeValues)
}
