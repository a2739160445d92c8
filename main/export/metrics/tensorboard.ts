import { metricsForm } from '../../../shared/runs/metrics-forms'
import type { MetricCurve } from '../../../shared/runs/metrics-table'
import { eventFile, histogramOf, type TaggedValue } from './event-file'
import type { LearnedArray, MetricsFormat, MetricsSource } from './format'

/**
 * A folder for each series, which TensorBoard shows as a run, with one event file. What has no steps of training has
 * its own place (block, lag, depth, …) as TensorBoard’s step.
 */
export const TENSORBOARD: MetricsFormat = {
  ...metricsForm('tensorboard'),
  files(source) {
    const { curves } = source.table
    const time = Date.parse(source.document.entry.created) / 1000
    const series = [...new Set(curves.map((one) => one.series))]
    return series.map((number) => {
      const own = curves.filter((one) => one.series === number)
      const file = `events.out.tfevents.${Math.floor(time)}.residual-lab`
      return [`${folderName(own[0])}/${file}`, eventFile(time, described(valuesOf(source, own), source))]
    })
  },
}

/** What every file system takes, and TensorBoard shows as it is. */
const folderName = ({ series, name }: MetricCurve) =>
  `${series} ${name}`
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029/\\:*?"<>|]+/gu, '-')
    .slice(0, LONGEST_NAME)
    .replace(/[. ]+$/, '')

/** Characters; file systems allow 255 bytes. */
const LONGEST_NAME = 60

const STATISTICS = ['mean', 'median', 'low', 'high'] as const

interface MetricValue extends TaggedValue {
  metric: string
}

function* valuesOf(source: MetricsSource, curves: readonly MetricCurve[]): Generator<MetricValue> {
  for (const curve of curves) yield* curve.at?.place === 'step' ? ofBlocks(curve) : alongCurve(curve)
  const [{ series }] = curves
  const step = source.document.entry.steps?.done ?? 0
  for (const array of source.parameters) if (array.series === series) yield* learned(array, step)
}

/** What was seen of all blocks after one step: a number a block, and how they are distributed. */
function* ofBlocks({ metric, values, at }: MetricCurve): Generator<MetricValue> {
  const step = at!.value
  const digits = String(values.x[values.x.length - 1]).length
  for (const [i, k] of values.x.entries())
    yield { metric, tag: `${metric}/block ${String(k).padStart(digits, '0')}`, step, value: values.mean[i] }
  const histogram = histogramOf(values.mean)
  if (histogram) yield { metric, tag: `${metric}/over blocks`, step, value: histogram }
}

/** Statistics at every place, and how the networks are distributed where each one's value is known. */
function* alongCurve({ metric, along, at, values, theory, isOwn }: MetricCurve): Generator<MetricValue> {
  const group = at ? `${metric}, ${at.place} ${at.value}` : metric
  const stepOf = (i: number) => (along === null ? 0 : values.x[i])
  for (let i = 0; i < values.x.length; i++) {
    const step = stepOf(i)
    if (isOwn) yield { metric, tag: group, step, value: values.mean[i] }
    for (const statistic of isOwn ? [] : STATISTICS) {
      const value = values[statistic]?.[i]
      if (value !== undefined) yield { metric, tag: `${group}/${statistic}`, step, value }
    }
    if (theory) yield { metric, tag: `${group}/theory`, step, value: theory[i] }
    const histogram = histogramOf(values.networks?.[i] ?? [])
    if (histogram) yield { metric, tag: `${group}/networks`, step, value: histogram }
  }
}

/** How the parameters of all networks of a series are distributed. */
function* learned({ name, values }: LearnedArray, step: number): Generator<MetricValue> {
  const histogram = histogramOf(values())
  if (histogram) yield { metric: 'parameters', tag: `parameters/${name}`, step, value: histogram }
}

/** With the meaning of each metric at the first value of each tag. */
function* described(values: Iterable<MetricValue>, { table }: MetricsSource): Generator<TaggedValue> {
  const meanings = new Map(
    table.metrics.map(({ metric, unit, meaning }) => [metric, `${meaning} Unit: ${unit}.`]),
  )
  const seen = new Set<string>()
  for (const { metric, ...value } of values) {
    const isFirst = !seen.has(value.tag)
    seen.add(value.tag)
    yield isFirst ? { ...value, description: meanings.get(metric) } : value
  }
}
