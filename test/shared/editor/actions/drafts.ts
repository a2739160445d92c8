import { presetNamed } from '../../../../shared/block/presets'
import { draftOf, type Draft } from '../../../../shared/block/draft'

export const preset = (name: string) => draftOf(presetNamed(name))
export const type2 = preset('relu-linear')
export const practical = preset('practical')

/** Every node and what it reads: "relu-1(input) linear-1(relu-1) …" and the output. */
export const written = ({ nodes, output }: Draft) =>
  `${nodes.map(({ id, inputs }) => `${id}(${inputs.map((input) => input || '?').join(', ')})`).join(' ')} ` +
  `→ ${output || '?'}`
