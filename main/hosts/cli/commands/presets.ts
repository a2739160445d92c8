import { PRESETS } from '../../../../shared/block/presets'
import { REMEDIES } from '../../../../shared/block/remedies'
import { SETTINGS, defaultExperiment } from '../../../../shared/settings/table'
import { NETWORKS, parameterCounts } from '../../../../shared/experiment/preset-networks'
import { JSON_OPTION, type CliCommand } from '../command'
import { print, printDocument } from '../output'

export const presets: CliCommand = {
  name: 'presets',
  description: 'The blocks, the remedies and the networks.',
  options: [JSON_OPTION],
  run(options) {
    if (options.json === true) printDocument(presetsDocument())
    else print(presetsText())
  },
}

function presetsDocument() {
  const settings = SETTINGS.map(({ key, option, definition, default: value }) => ({
    key,
    option,
    definition,
    default: value,
  }))
  return { blocks: PRESETS, remedies: remedies(), networks: networks(), settings }
}

function presetsText(): string {
  const lines = (items: { name: string; text: string }[]) =>
    items.map(({ name, text }) => `  ${name.padEnd(26)}${text}`)
  const blocks = PRESETS.map(({ name, title, description }) => ({ name, text: `${title}. ${description}` }))
  const notes = remedies().map(({ name, definition }) => ({ name, text: definition }))
  const composed = networks().map(({ name, parameters, description }) => ({
    name,
    text: `${description} ${parameters.toLocaleString('en')} parameters.`,
  }))
  const all = ['Blocks', ...lines(blocks), 'Remedies', ...lines(notes), 'Networks', ...lines(composed)]
  return all.join('\n')
}

const remedies = () => REMEDIES.map(({ name, title, definition }) => ({ name, title, definition }))

const networks = () =>
  NETWORKS.map(({ name, title, description, changes }) => {
    const [parameters] = parameterCounts({ ...defaultExperiment(), ...changes })
    return { name, title, description, parameters, changes }
  })
