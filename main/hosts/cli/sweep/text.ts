import { formatNumber } from '../../../../shared/base/format'
import { setting } from '../../../../shared/settings/table'
import { table } from '../output'
import type { SweptPoint } from './carry-out'
import type { SweepPlan } from './plan'

/** What is swept, and the points' values against the figures that runs of this kind are known by. */
export function sweepText(
  { id, name, command, swept, size, shard }: SweepPlan,
  points: readonly SweptPoint[],
): string {
  const over = swept
    .map(({ key, values }) => `${setting(key).option} (${values.length} values)`)
    .join(' and ')
  const part = shard ? `; shard ${shard.number} of ${shard.of}, ${points.length} of its points` : ''
  const headline = `${id}${name === null ? '' : ` (${name})`}: ${command} over ${over}, ${size} points${part}`
  if (!points.length) return headline
  const labels = [
    ...new Set(points.flatMap(({ run }) => run?.figures.map(({ label }) => withoutPlace(label)) ?? [])),
  ]
  const rows = points.map(({ settings, run, problem }) => [
    ...swept.map(({ key }) => String(settings[key])),
    run?.id ?? '-',
    ...labels.map((label) => {
      const figure = run?.figures.find((one) => withoutPlace(one.label) === label)
      return figure ? formatNumber(figure.value) : '-'
    }),
    ...(problem === null ? [] : [problem]),
  ])
  const head = [...swept.map(({ key }) => setting(key).option), 'run', ...labels]
  const isAny = points.some(({ problem }) => problem !== null)
  const all = isAny
    ? [head, ...rows].map((row, i) => withLast(row, head.length, i === 0 ? 'problem' : ''))
    : [head, ...rows]
  return [headline, ...table(all), 'means over networks'].join('\n')
}

const withLast = (row: string[], length: number, last: string) => (row.length > length ? row : [...row, last])

/** "none: q at block 20" as "none: q": networks of other depths have it elsewhere. */
const withoutPlace = (label: string) => label.replace(/ at [\w ]+ \S+$/, '')
