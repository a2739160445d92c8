import type { ShatterNetwork } from '../../../shared/shatter/results'
import { appearanceOf, blocksOf, type Appearance } from '../../../shared/charts/appearance'
import { mix, type Palette } from '../../../shared/charts/palette'

const DIAMOND = 'M0 -5L5 0L0 5L-5 0Z'
const CROSS = 'M-4 -2.6L-2.6 -4L0 -1.4L2.6 -4L4 -2.6L1.4 0L4 2.6L2.6 4L0 1.4L-2.6 4L-4 2.6L-1.4 0Z'

/**
 * Plain references have the colours of ink, so that all others look as they do in every view; of trained networks those
 * of earlier steps are paler and thinner.
 */
export function networkLook(
  network: ShatterNetwork,
  all: readonly ShatterNetwork[],
  palette: Palette,
): Appearance {
  const look = untimedLook(network, all, palette)
  const steps = [...new Set(all.map(({ step }) => step ?? 0))].sort((a, b) => a - b)
  if (steps.length < 2) return look
  const before = 1 - steps.indexOf(network.step ?? 0) / (steps.length - 1)
  return { ...look, colour: mix(look.colour, palette.surface, PALEST * before), width: look.width - before }
}

/** Share of the background in the colour of the first step. */
const PALEST = 0.6

/** Whatever the step. */
export function untimedLook(
  network: ShatterNetwork,
  all: readonly ShatterNetwork[],
  palette: Palette,
): Appearance {
  const { reference, remedy } = network
  if (reference === 'shallow plain')
    return { colour: palette.muted, marker: DIAMOND, filling: 'hollow', width: 1.6 }
  if (reference === 'deep plain') return { colour: palette.ink, marker: CROSS, filling: 'full', width: 1.8 }
  const blocks = blocksOf(all.filter((other) => other.reference === null))
  if (!reference) return appearanceOf(network, blocks)
  // Residual references stand beside plain networks of the same remedy.
  return { ...appearanceOf({ block: blocks[0], remedy }, blocks), filling: 'bar' }
}

/** Steps behind what is looked at. */
export const faded = (look: Appearance, palette: Palette): Appearance => ({
  ...look,
  colour: mix(look.colour, palette.surface, 0.72),
  width: 1,
})
