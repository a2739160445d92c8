import type { SeriesResult } from '../../../../shared/signal/results'
import { signalMemory } from '../../../trainer/engine/memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import { asDocument } from '../job'
import { KEEP_OPTIONS, runField } from '../keep'
import { experimentFromOptions, experimentOptions } from '../options'
import { sizeText } from '../output'
import { signalTable, theoryFields } from '../signal-text'
import { runCommand } from '../run-command'

/** In the same trainer process that the workbench uses. */
export const signal = runCommand({
  name: 'signal',
  description: 'Measure how signals travel through a network at initialisation.',
  options: [...experimentOptions(), ...KEEP_OPTIONS],
  ask(options) {
    const experiment = experimentFromOptions(options)
    return {
      experiment,
      beside: {},
      async carryOut(keep, job) {
        const needed = () => signalMemory(experiment, prepareSeries(experiment))
        const body = { experiment: asDocument(experiment) }
        const { device, result, run } = await job('signal', body, needed, keep)
        return {
          run,
          document: () => ({
            device,
            experiment,
            ...runField(keep, run),
            series: result.series.map(measuredFields),
          }),
          text: () =>
            [
              `${device.description}; ${sizeText(experiment)}, n = ${experiment.replicas}`,
              signalTable(result.series),
            ].join('\n'),
        }
      },
    }
  },
})

/** A measured series as the document has it. */
function measuredFields(result: SeriesResult) {
  const { q, v, m, p, weightGradientNorm2 } = result
  const { block, remedy, note, ...theory } = theoryFields(result)
  return { block, remedy, note, q, v, m, p, weightGradientNorm2, ...theory }
}
