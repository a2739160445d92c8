import { REMEDY_NAMES } from '../../shared/remedies'

/**
 * How a series looks, the same in every view and export. The remedy gives colour and marker (Okabe and Ito's colours, which people with
 * any colour vision tell apart); the block gives the marker's filling and the line's width; dashes mean theory and nothing else.
 */
export interface Appearance {
  colour: string
  /** SVG path of the marker within a circle of radius 5 around the origin. */
  marker: string
  filling: Filling
  width: number
}

export type Filling = 'full' | 'hollow' | 'dot' | 'bar'

const polygon = (...points: [number, number][]) => `M${points.map((point) => point.join(' ')).join('L')}Z`

const LOOKS: readonly { colour: string; marker: string }[] = [
  // Vermillion circle, blue square, bluish green triangle, reddish purple diamond, orange triangle, sky blue plus.
  { colour: '#d55e00', marker: 'M-4.2 0A4.2 4.2 0 1 1 4.2 0A4.2 4.2 0 1 1 -4.2 0Z' },
  { colour: '#0072b2', marker: polygon([-3.8, -3.8], [3.8, -3.8], [3.8, 3.8], [-3.8, 3.8]) },
  { colour: '#009e73', marker: polygon([0, -4.8], [4.6, 3.6], [-4.6, 3.6]) },
  { colour: '#cc79a7', marker: polygon([0, -5], [5, 0], [0, 5], [-5, 0]) },
  { colour: '#e69f00', marker: polygon([0, 4.8], [4.6, -3.6], [-4.6, -3.6]) },
  {
    colour: '#56b4e9',
    marker: polygon(
      [-1.7, -5],
      [1.7, -5],
      [1.7, -1.7],
      [5, -1.7],
      [5, 1.7],
      [1.7, 1.7],
      [1.7, 5],
      [-1.7, 5],
      [-1.7, 1.7],
      [-5, 1.7],
      [-5, -1.7],
      [-1.7, -1.7],
    ),
  },
]
const UNKNOWN_REMEDY = { colour: '#8a8f98', marker: LOOKS[0].marker }

const FILLINGS: readonly Filling[] = ['full', 'hollow', 'dot', 'bar']

export function remedyLook(remedy: string): { colour: string; marker: string } {
  return LOOKS[REMEDY_NAMES.indexOf(remedy)] ?? UNKNOWN_REMEDY
}

/** @param blocks names of the run's blocks in order of appearance */
export function appearanceOf(
  series: { block: string; remedy: string },
  blocks: readonly string[],
): Appearance {
  const place = Math.max(0, blocks.indexOf(series.block))
  return {
    ...remedyLook(series.remedy),
    filling: FILLINGS[place % FILLINGS.length],
    width: place === 0 ? 2 : 1.4,
  }
}

/** Names of the blocks in order of appearance. */
export function blocksOf(series: readonly { block: string }[]): string[] {
  return [...new Set(series.map((one) => one.block))]
}
