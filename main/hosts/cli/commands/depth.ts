import { numberOrText } from '../../../../shared/base/decimal'
import { formatNumber } from '../../../../shared/base/format'
import { depthPlan, depthSettings } from '../../../../shared/depth/cells'
import { depthFinding } from '../../../../shared/depth/findings'
import type { DepthCurve, DepthResult } from '../../../../shared/depth/results'
import {
  SHATTERING_MOMENTS,
  shatteringFinding,
  shatteringPoints,
  shatteringRanks,
} from '../../../../shared/depth/shattering'
import type { Summary } from '../../../../shared/numerics/statistics'
import { parseDepth } from '../../../../shared/settings/depth'
import type { Experiment } from '../../../../shared/settings/experiment'
import { trainMemory } from '../../../trainer/engine/training-memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import type { CommandOption, OptionTexts } from '../command'
import { asDocument } from '../job'
import { NO_KEEP_OPTIONS, keptLines } from '../keep'
import { experimentOptions, trainedFromOptions } from '../options'
import { table } from '../output'
import { runCommand } from '../run-command'

/** Depths are options of their own, and here skip may be both. */
const isOther = ([flags]: CommandOption) => !/^--(blocks|skip) /.test(flags)

/** Networks of several depths, residual and plain, side by side. */
export const depth = runCommand({
  name: 'depth',
  description: 'Train networks of several depths, residual and plain: whether deeper ones are worse.',
  options: [
    ['--depths <L,…>', 'numbers of blocks. Default: 2,6,10,20.'],
    [
      '--skip <both|on|off>',
      'residual networks, plain ones (the skip connection removed), or both. Default: both.',
    ],
    ...experimentOptions({}, true).filter(isOther),
    ...NO_KEEP_OPTIONS,
  ],
  ask(options) {
    const experiment = depthExperiment(options)
    const { cells } = depthPlan(experiment)
    return {
      experiment,
      beside: {},
      async carryOut(keep, job) {
        const needed = () =>
          Math.max(...cells.map(({ experiment: own }) => trainMemory(own, prepareSeries(own))))
        const body = { experiment: asDocument(experiment) }
        const { device, result, run } = await job('depth', body, needed, keep)
        const { width, trainReplicas } = experiment
        return {
          run,
          document: () => ({
            device,
            experiment,
            run,
            series: result.series.map(depthFields),
            shattering: shatteringFields(result),
          }),
          text: () =>
            [
              `${device.description}; width ${width}, n = ${trainReplicas}`,
              ...depthLines(result),
              ...keptLines(run),
            ].join('\n'),
        }
      },
    }
  },
})

/** The experiment with its section of depths, from a file and the options over it. @throws InputError */
function depthExperiment({ skip, depths, ...options }: OptionTexts): Experiment {
  const given = trainedFromOptions(options)
  const section = depthSettings(given)
  const list = typeof depths === 'string' ? depths.split(',').map((text) => numberOrText(text.trim())) : null
  return {
    ...given,
    skip: 'on',
    depth: parseDepth({ depths: list ?? section.depths, skip: skip ?? section.skip }),
  }
}

/** A curve as the document has it: arrays over depths. */
function depthFields({ block, remedy, note, skip, depths, layers, parameters, ...rest }: DepthCurve) {
  const { train, test, best, p0, gradientCorrelation, failures, seconds } = rest
  const measured = { train, test, best, p0, gradientCorrelation, failures, seconds }
  return { block, remedy, note, skip, depths, layers, parameters, ...measured }
}

/** Gradients against errors, network by network, and how far the order of one is that of the other. */
function shatteringFields({ series, cells }: DepthResult) {
  const points = SHATTERING_MOMENTS.flatMap((moment) =>
    shatteringPoints({ cells }, moment).map(({ series: i, depth: blocks, network, correlation, error }) => {
      const { block, remedy, skip } = series[i]
      return { moment, block, remedy, skip, blocks, network: network + 1, correlation, error }
    }),
  )
  return { ...shatteringRanks({ cells }), points }
}

function depthLines(result: DepthResult): string[] {
  const correlation = (summary: Summary | null, i: number) => (summary ? formatNumber(summary.mean[i]) : '-')
  const rows = result.series.flatMap(
    ({ block, remedy, skip, depths, parameters, train, test, p0, ...rest }) =>
      depths.map((blocks, i) => [
        block,
        remedy,
        skip,
        String(blocks),
        String(parameters[i]),
        ...[train.error, test.error].map(({ mean }) => formatNumber(100 * mean[i])),
        formatNumber(p0.mean[i]),
        correlation(rest.gradientCorrelation.initial, i),
        correlation(rest.gradientCorrelation.final, i),
      ]),
  )
  const head = [
    'block',
    'remedy',
    'skip',
    'blocks',
    'parameters',
    'train error %',
    'test error %',
    'p_0',
    'corr. initial',
    'final',
  ]
  const notes = result.series.flatMap(({ block, remedy, skip, note }) =>
    note ? [`${block} / ${remedy}, skip ${skip}: ${note}`] : [],
  )
  return [
    ...table([head, ...rows]),
    'after the last step, means over networks; p_0 at initialisation; corr.: gradient correlation, before and after',
    depthFinding(result),
    shatteringFinding(result),
    ...notes,
  ].filter(Boolean)
}
