import { prepareSeries } from '../../../trainer/engine/prepared-series'
import { seriesHeaders } from '../../../trainer/engine/series-theory'
import type { CliCommand } from '../command'
import { experimentFromOptions, experimentOptions } from '../options'
import { print, printDocument } from '../output'
import { signalTable, theoryFields } from '../signal-text'

/** As `signal`, nothing measured. */
export const theory: CliCommand = {
  name: 'theory',
  description: 'What theory says of the same; nothing is measured.',
  options: experimentOptions(),
  run(options) {
    const experiment = experimentFromOptions(options)
    const headers = seriesHeaders(experiment, prepareSeries(experiment))
    if (options.json === true) printDocument({ experiment, series: headers.map(theoryFields) })
    else print(signalTable(headers))
  },
}
