import type { CliCommand } from '../command'
import { inCommandThread } from '../in-thread'
import { experimentFromOptions, experimentOptions } from '../options'
import { print, printDocument } from '../output'
import { signalTable, theoryFields } from '../signal-text'

/** As `signal`, nothing measured. */
export const theory: CliCommand = {
  name: 'theory',
  description: 'What theory says of the same; nothing is measured.',
  options: experimentOptions(),
  async run(options) {
    const experiment = experimentFromOptions(options)
    const headers = await inCommandThread('theory', experiment)
    if (options.json === true) printDocument({ experiment, series: headers.map(theoryFields) })
    else print(signalTable(headers))
  },
}
