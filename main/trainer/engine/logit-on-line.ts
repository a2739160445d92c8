import { isRegression } from '../../../shared/data/description'
import { dataSetOf } from '../../../shared/data/samples'
import { scaledSamples } from '../../../shared/data/scale'
import { positions } from '../../../shared/numerics/shape'
import type { SampleLine } from '../../../shared/shatter/trained'
import { pointsAtOnce } from './memory'
import { readout, pooled, unpooled } from './readout'
import { takeValues } from './tensor-values'
import { pulledBack, statesThrough } from './trained-gradients'
import type { TrainableSeries } from './trainable-series'

/**
 * The logit of the class of sample a (of networks with real targets, the first output) at a + t (b - a), and its
 * derivative in t, ∇y · (b - a), in evaluation: noise is its mean, and batch statistics are held constant, those of the
 * training samples or, where networks are evaluated with those of what goes in, those of the line's points.
 * @param t the points @param onPoints hears of so many done
 * @returns [R, points] each
 */
export async function logitOnLine(
  network: TrainableSeries,
  line: SampleLine,
  t: Float64Array,
  onPoints: (points: number) => void | Promise<void> = () => {},
): Promise<{ y: Float32Array; slope: Float32Array }> {
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
    const [value, change] = await onPart(network, x, direction, unit)
    for (let r = 0; r < replicas; r++) {
      y.set(value.subarray(r * points.length, (r + 1) * points.length), r * t.length + from)
      slope.set(change.subarray(r * points.length, (r + 1) * points.length), r * t.length + from)
    }
    await onPoints(points.length)
  }
  return { y, slope }
}

/** Of some points, all in memory. @returns the logit and its derivative, [R, points] each */
async function onPart(
  network: TrainableSeries,
  x: Float32Array,
  along: Float32Array,
  unit: number,
): Promise<Float32Array[]> {
  const { backend, evaluation, parameters, experiment } = network
  const { tf } = backend
  const { replicas } = experiment
  const { stem, blocks, head, output, top } = parameters
  const layers = [stem, ...blocks, ...(head ? [head] : [])]
  const count = x.length / along.length
  const values = tf.tidy(() => {
    const states = statesThrough(network, layers, evaluation.samples(x))
    const grid = positions(top)
    const [weight, bias] = [output[0].variable, output[1].variable]
    const scores = readout(tf, pooled(tf, states[states.length - 1], grid), [weight, bias])
    const logit = tf.slice(scores, [0, 0, unit], [-1, -1, 1])
    const row = tf.transpose(tf.slice(weight, [0, 0, unit], [-1, -1, 1]), [0, 2, 1])
    const atTop = unpooled(tf, tf.tile(row, [1, count, 1]), grid)
    const [gradient] = pulledBack(network, layers, states, [atTop])
    const byPoint = tf.reshape(gradient, [replicas, count, along.length])
    const change = tf.sum(tf.mul(byPoint, tf.tensor(along, [1, 1, along.length])), 2)
    return [logit, change]
  })
  return Promise.all(values.map(takeValues))
}
