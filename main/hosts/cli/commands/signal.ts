import type { SeriesResult } from '../../../../shared/signal/results'
import { signalMemory } from '../../../trainer/engine/memory'
import { prepareSeries } from '../../../trainer/engine/prepared-series'
import type { CliCommand } from '../command'
import { asDocument, runJob } from '../job'
import { KEEP_OPTIONS, keepFromOptions, runField } from '../keep'
import { experimentFromOptions, experimentOptions } from '../options'
import { print, printDocument } from '../output'
import { signalTable, theoryFields } from '../signal-text'

/** In the same trainer process that the workbench uses. */
export const signal: CliCommand = {
  name: 'signal',
  description: 'Measure how signals travel through a network at initialisation.',
  options: [...experimentOptions(), ...KEEP_OPTIONS],
  async run(options) {
    const keep = keepFromOptions(options)
    const experiment = experimentFromOptions(options)
    const needed = signalMemory(experiment, prepareSeries(experiment))
    const { device, result, run } = await runJob(
      'signal',
      { experiment: asDocument(experiment) },
      needed,
      keep,
    )
    if (options.json === true) {
      printDocument({ device, experiment, ...runField(keep, run), series: result.series.map(measuredFields) })
      return
    }
    const { blocks, width, replicas } = experiment
    print(`${device.description}; ${blocks} blocks, width ${width}, n = ${replicas}`)
    print(signalTable(result.series))
  },
}

/** A measured series as the document has it. */
function measuredFields(result: SeriesResult) {
  const { q, v, m, p, weightGradientNorm2 } = result
  const { block, remedy, note, ...theory } = theoryFields(result)
  return { block, remedy, note, q, v, m, p, weightGradientNorm2, ...theory }
}
