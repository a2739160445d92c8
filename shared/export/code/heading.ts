import { shapeText, type Shape } from '../../numerics/shape'
import { docstring, wrapped } from '../names'
import { sampleAxes, type ChannelOrder } from '../layout'
import type { ExportedNetwork, ExportedPart } from '../network'

/** Of a line of prose. */
const MOST_LETTERS = 88

/** "[batch, 32, 32, 3]". */
export const batchText = (shape: Shape, axes: 0 | 1 | 2, order: ChannelOrder): string =>
  `[${['batch', ...sampleAxes(shape, axes, order)].join(', ')}]`

/** What a part is, above its code. */
export const partTitle = ({ name, title }: ExportedPart): string =>
  name === 'stem'
    ? 'What stands before the blocks'
    : name === 'head'
      ? 'What stands behind the blocks'
      : docstring(title)

/** What a network is, what goes in and what comes out: the lines above its code. */
export function headingOf(
  { title, description, input, axes, outputs, outputName, blocks, experiment }: ExportedNetwork,
  order: ChannelOrder,
): string[] {
  const gives =
    outputs === null ? 'h_L, what the last block puts out' : `[batch, ${outputs}], the ${outputName}`
  const count = `${blocks.length} ${blocks.length === 1 ? 'block' : 'blocks'} of width ${experiment.width}`
  const each = shapeText(input).replaceAll('×', 'x')
  return [
    `${docstring(title)}: ${count}.`,
    ...(description ? ['', ...wrapped(docstring(description), MOST_LETTERS)] : []),
    '',
    `Input: ${batchText(input, axes, order)} (${each} a sample). Output: ${gives}.`,
    'Written by Residual Lab.',
  ]
}
