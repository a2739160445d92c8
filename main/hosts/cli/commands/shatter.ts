import { InputError } from '../../../../shared/base/errors'
import type { Experiment } from '../../../../shared/settings/experiment'
import { defaultShatter } from '../../../../shared/settings/shatter'
import { shatterExperiment } from '../../../../shared/shatter/shatter'
import { shatterNetworks } from '../../../../shared/shatter/networks'
import { shatterMemory } from '../../../trainer/engine/memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import type { OptionTexts } from '../command'
import { asDocument } from '../job'
import { KEEP_OPTIONS, runField } from '../keep'
import { RUN_OPTION, runFromOptions } from '../of-run'
import { experimentFromOptions, experimentOptions } from '../options'
import { sizeText } from '../output'
import { regions } from '../regions'
import { runCommand } from '../run-command'
import { shatterOfRun } from '../shatter-of-run'
import { seriesFields, settingsOf, shatterTable } from '../shatter-text'

const DEFAULTS: Partial<Experiment> = { width: 200 }

const { points, range, center, beta } = defaultShatter()

/** Networks of one input along a line. */
export const shatter = runCommand({
  name: 'shatter',
  description: 'How the derivative of a network of one input changes along a line: shattered gradients.',
  options: [
    ...experimentOptions(DEFAULTS),
    ['--points <P>', `points on the line. Default: ${points}.`],
    ['--range <a,b>', `first and last point. Default: ${range.join(',')}.`],
    [
      '--center <on|off>',
      `subtract from each ReLU’s input its mean over the line, per unit. Default: ${center}.`,
    ],
    [
      '--beta <B>',
      `factor on every branch that holds a batch normalisation, h + B × branch. Default: ${beta}.`,
    ],
    ['--references <on|off>', 'also shallow plain, deep plain, residual, residual with BN. Default: off.'],
    ['--lags <K>', 'largest lag of the autocorrelation. Default: half of the points.'],
    [
      '--regions',
      'count linear regions of the line instead, of one block and remedy, without its skip connections and with them',
    ],
    RUN_OPTION,
    ['--from <I>', 'with --run: the test sample, from 0, at which the line begins. Default: 0.'],
    ['--to <J>', 'with --run: the test sample at which it is for x = 1. Default: 1.'],
    [
      '--steps <K,…>',
      'with --run: after how many updates its networks are measured, "last" for the end; all others are trained ' +
        'again, exactly. Default: last.',
    ],
    ...KEEP_OPTIONS,
  ],
  ask(options) {
    const saved = runFromOptions(options)
    if (saved) return shatterOfRun(saved, options)
    const alone = ['from', 'to', 'steps'].find((name) => options[name] !== undefined)
    if (alone !== undefined)
      throw new InputError(`--${alone}`, 'it is of trained networks', 'Name their run: --run RUN.')
    refuseInput(options)
    const experiment = shatterExperiment(experimentFromOptions(options, DEFAULTS))
    const settings = settingsOf(options, experiment.shatter)
    if (options.regions === true) return regions(experiment, settings, options)
    // Refuses blocks that take no points of a line.
    shatterNetworks(experiment, settings)
    return {
      experiment,
      beside: settings,
      async carryOut(keep, job) {
        const needed = () => shatterMemory(experiment, prepareSeries(experiment), settings)
        const body = { experiment: asDocument(experiment), settings: { ...settings } }
        const { device, result, run } = await job('shatter', body, needed, keep)
        const size = `${sizeText(experiment)}, ${settings.points} points, n = ${experiment.replicas}`
        return {
          run,
          document() {
            const { points, range, center, beta } = settings
            const { references } = result
            const series = result.series.map(seriesFields)
            const kept = runField(keep, run)
            return { device, experiment, ...kept, points, range, center, beta, references, series }
          },
          text: () => `${device.description}; ${size}\n${shatterTable(result, settings)}`,
        }
      },
    }
  },
})

/** The network of one input brings its own: who asks for another should know. */
function refuseInput(options: OptionTexts): void {
  if (options.input === 'mnist1d' || options.input === 'data' || options.input === 'data-grid') {
    throw new InputError('--input', 'shatter’s networks have one input, a point of the line', 'Leave it out.')
  }
  if (options.stem === 'none') {
    throw new InputError('--stem', 'shatter’s one input needs a linear layer to N units', 'Leave it out.')
  }
}
