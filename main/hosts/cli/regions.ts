import { InputError } from '../../../shared/base/errors'
import type { Experiment } from '../../../shared/settings/experiment'
import type { ShatterSettings } from '../../../shared/settings/shatter'
import { curvesOf } from '../../../shared/runs/curves'
import {
  REGION_NETWORKS,
  SIDES,
  checkFloat64Size,
  checkOnePair,
  regionsExperiment,
  regionsNetworks,
  regionsResult,
  type RegionsPair,
  type RegionsResult,
} from '../../../shared/shatter/regions'
import { countsOf, regionsFinding } from '../../../shared/shatter/regions-findings'
import type { OptionTexts } from './command'
import { inCommandThread, keepParts, untilStopped } from './in-thread'
import { runField, type Keep } from './keep'
import { sizeText, table } from './output'
import type { Asked } from './run-command'

/**
 * `shatter --regions`: linear regions of the line, in float64, without TensorFlow.
 * @param given of one block with one remedy; blocks to compare with are left aside
 */
export function regions(given: Experiment, settings: ShatterSettings, options: OptionTexts): Asked {
  refuseOthers(options)
  checkOnePair(given, (key) => `--${key}`)
  const [{ name }, remedy] = [blockOf(given), given.remedies[0]]
  const experiment = regionsExperiment({ ...given, skip: 'on' }, { block: name, remedy }, settings)
  const networks = regionsNetworks(experiment, settings)
  for (const side of SIDES) checkFloat64Size(networks[side].graph, experiment, 'one thread')
  return {
    experiment,
    beside: { regions: true, settings },
    carryOut: (keep) => count(experiment, settings, networks, keep),
  }
}

async function count(
  experiment: Experiment,
  settings: ShatterSettings,
  networks: ReturnType<typeof regionsNetworks>,
  keep: Keep,
) {
  const begun = performance.now()
  const asked = { experiment, settings, networks: REGION_NETWORKS }
  const { parts, stopped } = await untilStopped<RegionsPair>((onPart) =>
    inCommandThread('regions', asked, REGION_NETWORKS, onPart),
  )
  const result = regionsResult(networks, parts, stopped === null)
  const seconds = (performance.now() - begun) / 1000
  const started = { type: 'regions-started' }
  const run = await keepParts(keep, { kind: 'regions', experiment, started, result, seconds }, stopped)
  const { points, range, center, beta } = settings
  return {
    run,
    document() {
      const asRun = runField(keep, run)
      return { experiment, ...asRun, points, range, center, beta, series: seriesFields(result) }
    },
    text() {
      const line = {
        plain: parts.map(({ plain }) => plain),
        residual: parts.map(({ residual }) => residual),
      }
      return [
        `float64; ${sizeText(experiment)}, line from ${range.join(' to ')}, n = ${parts.length}`,
        ...regionsTable(line),
        regionsFinding(line, center),
      ].join('\n')
    },
  }
}

const blockOf = ({ block: [block] }: Experiment) => (typeof block === 'string' ? { name: block } : block)

/** What only gradients have. @throws InputError */
function refuseOthers({ references, lags }: OptionTexts): void {
  const refuse = (option: string) => {
    throw new InputError(option, 'it says nothing of linear regions', 'Leave it out, or leave out --regions.')
  }
  if (references === 'on') refuse('--references')
  if (lags !== undefined) refuse('--lags')
}

/** A series as the document has it. */
function seriesFields(result: RegionsResult) {
  const curves = curvesOf('regions', result, REGION_NETWORKS)
  return result.series.map(({ block, remedy, skip, blocks, note, networks, breaks }, i) => {
    const { mean, median, low, high } = curves.find(({ series }) => series === i)!
    return { block, remedy, skip, blocks, note, regions: { mean, median, low, high }, networks, breaks }
  })
}

/** The depths that a table has: the first ones, each twice the last, and the whole network. */
function depthsOf(blocks: number): number[] {
  const depths = [1]
  while (2 * depths[depths.length - 1] < blocks) depths.push(2 * depths[depths.length - 1])
  return blocks > 1 ? [...depths, blocks] : depths
}

function regionsTable(line: Record<(typeof SIDES)[number], RegionsPair['plain'][]>): string[] {
  const counts = SIDES.map((side) => ({ side, counts: countsOf(line[side]) }))
  const depths = depthsOf(Math.max(...counts.map((one) => one.counts.length - 1)))
  const whole = (x: number) => String(Math.round(x))
  const rows = counts.map(({ side, counts: own }) => [
    side,
    ...depths.map((k) => {
      if (!own[k]) return '-'
      const { mean, low, high } = own[k]
      return `${whole(mean)} (${whole(low)} to ${whole(high)})`
    }),
  ])
  const isExact = SIDES.every((side) => line[side].every((one) => one.isExact))
  return [
    ...table([['network', ...depths.map((k) => `k = ${k}`)], ...rows]),
    `linear regions of the line in blocks 1 to k${isExact ? '' : ', at least'}: mean (smallest to largest)`,
  ]
}
