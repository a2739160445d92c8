import { dataSetOf } from '../../../shared/data/samples'
import { scaledRange } from '../../../shared/data/scale'
import { evaluatedSamples } from '../../../shared/network/schedule'
import type { Shattering } from '../../../shared/network/results'
import { positions } from '../../../shared/numerics/shape'
import { SHATTERING, gridOf } from '../../../shared/shatter/shatter'
import { learningShatter } from '../../../shared/shatter/trained'
import { pointsAtOnce } from './memory'
import { unpooled } from './readout'
import { curvesOf } from './shatter'
import { logitOnLine } from './logit-on-line'
import { takeValues } from './tensor-values'
import { pulledBack, statesThrough } from './trained-gradients'
import type { TrainableSeries } from './trainable-series'

/**
 * How shattered the gradients of networks are as their parameters are: the gradient correlation of each, and the
 * autocorrelation of a logit's derivative between the first two test samples. Of networks whose batch norms take the
 * statistics of training, these are taken already.
 */
export async function shatteringOf(network: TrainableSeries): Promise<Shattering> {
  const settings = learningShatter()
  const { y, slope } = await logitOnLine(network, { from: 0, to: 1 }, gridOf(settings))
  const { replicas } = network.experiment
  const finite = Array.from({ length: replicas }, (_, r) =>
    y.subarray(r * settings.points, (r + 1) * settings.points).every(Number.isFinite),
  )
  return {
    correlation: [...(await gradientCorrelations(network))],
    acf: curvesOf(y, slope, finite, settings).acf,
  }
}

/**
 * Of each network: with J_a the derivatives of all its outputs (before a softmax) with respect to the h_0 of test
 * sample a, the mean of ⟨J_a, J_b⟩ over pairs a ≠ b of the first B test samples over the mean of ‖J_a‖²: the gradient
 * correlation of Balduzzi et al. 2017, of vectors of all outputs. Σ_{a≠b} ⟨J_a, J_b⟩ = ‖Σ J_a‖² - Σ ‖J_a‖².
 * NaN where an activation is not finite, or every derivative is 0.
 */
export function gradientCorrelations(network: TrainableSeries): Promise<Float32Array> {
  const { backend, evaluation, parameters, experiment, plan } = network
  const { tf } = backend
  const { blocks, head, output, top } = parameters
  const layers = [...blocks, ...(head ? [head] : [])]
  const [, , outputs] = output[0].variable.shape as [number, number, number]
  const data = dataSetOf(experiment)
  const atOnce = Math.floor(pointsAtOnce(plan, experiment, SHATTERING.samples * outputs) / outputs)
  const samples = Math.min(SHATTERING.samples, evaluatedSamples(experiment).test, Math.max(2, atOnce))
  const values = tf.tidy(() => {
    const h0 = evaluation.enter(scaledRange(data, data.test, 0, samples))
    const states = statesThrough(network, layers, h0)
    const rows = tf.split(tf.transpose(output[0].variable, [0, 2, 1]), outputs, 1)
    const atTop = rows.map((row) => unpooled(tf, tf.tile(row, [1, samples, 1]), positions(top)))
    const bottom = pulledBack(network, layers, states, atTop).map((gradient) =>
      tf.reshape(gradient, [experiment.replicas, samples, -1]),
    )
    const all = tf.concat(bottom, 2)
    // Only ratios count: scaled, so that squares stay in range.
    const g = tf.div(all, tf.max(tf.abs(all), [1, 2], true))
    const own = tf.sum(tf.square(g), [1, 2])
    const together = tf.sum(tf.square(tf.sum(g, 1)), 1)
    const correlation = tf.div(tf.sub(together, own), tf.mul(own, tf.scalar(samples - 1)))
    // An activation that is not finite leaves no derivative, whatever an implementation's ReLU makes of NaN.
    const lost = states.map((state) => tf.mul(tf.mean(state, [1, 2]), tf.scalar(0)))
    return tf.add(correlation, tf.addN(lost))
  })
  return takeValues(values)
}
