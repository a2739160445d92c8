import { InputError, named } from '../../../../shared/base/errors'
import { FRAMEWORKS } from '../../../../shared/export/frameworks'
import { exportedNetwork } from '../../../../shared/export/network'
import { seriesOf } from '../../../../shared/network/series'
import type { CliCommand } from '../command'
import { experimentFromOptions, experimentOptions } from '../options'
import { print, printDocument } from '../output'

const NAMES = FRAMEWORKS.map(({ name }) => name).join(', ')

/** The network of an experiment as the code of a framework. */
export const code: CliCommand = {
  name: 'code',
  description: 'Print the network as code of another framework; nothing is measured.',
  options: [
    [`--framework <${FRAMEWORKS.map(({ name }) => name).join('|')}>`, 'whose code'],
    ['--head', 'with what training adds: a stem, and a linear layer to the outputs of the data set'],
    ...experimentOptions(),
  ],
  run(options) {
    if (typeof options.framework !== 'string')
      throw new InputError('--framework', 'it is missing', `Choose ${NAMES}.`)
    const framework = named(FRAMEWORKS, options.framework, '--framework', 'framework')
    const experiment = experimentFromOptions(options)
    const { length } = seriesOf(experiment)
    if (length > 1) {
      const what = `${length} networks are asked for, and code is that of one`
      throw new InputError('--block', what, 'Choose one block and one remedy.')
    }
    const text = framework.write(exportedNetwork(experiment, 0, options.head === true))
    if (options.json === true) printDocument({ framework: framework.name, experiment, code: text })
    else print(text.trimEnd())
  },
}
