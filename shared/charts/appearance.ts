/**
 * How a series looks, the same in every view and export. The remedy gives colour and marker (Okabe and Ito's colours,
 * which people with any colour vision tell apart); the block gives the marker's filling and the line's width; dashes
 * mean theory and nothing else.
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

/** A star of `points` from the top on, alternating between two radii. */
const star = (points: number, outer: number, inner: number) =>
  polygon(
    ...Array.from({ length: 2 * points }, (_, i): [number, number] => {
      const [radius, angle] = [i % 2 ? inner : outer, (i * Math.PI) / points]
      return [round(radius * Math.sin(angle)), round(-radius * Math.cos(angle))]
    }),
  )

const round = (x: number) => Math.round(x * 100) / 100

const PLUS: [number, number][] = [
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
]
const turned = ([x, y]: [number, number]): [number, number] => [
  round((x - y) * Math.SQRT1_2),
  round((x + y) * Math.SQRT1_2),
]

/**
 * Okabe and Ito's colours first; they are too few for all, so the others differ from them in lightness as well, and
 * every marker is different.
 */
const LOOKS: Readonly<Record<string, { colour: string; marker: string }>> = {
  // Vermillion circle, blue square, bluish green triangle, reddish purple diamond, orange triangle, sky blue plus.
  none: { colour: '#d55e00', marker: 'M-4.2 0A4.2 4.2 0 1 1 4.2 0A4.2 4.2 0 1 1 -4.2 0Z' },
  rsqrt2: { colour: '#0072b2', marker: polygon([-3.8, -3.8], [3.8, -3.8], [3.8, 3.8], [-3.8, 3.8]) },
  'batch-norm': { colour: '#009e73', marker: polygon([0, -4.8], [4.6, 3.6], [-4.6, 3.6]) },
  'layer-norm': { colour: '#cc79a7', marker: polygon([0, -5], [5, 0], [0, 5], [-5, 0]) },
  'rsqrt-depth': { colour: '#e69f00', marker: polygon([0, 4.8], [4.6, -3.6], [-4.6, -3.6]) },
  skipinit: { colour: '#56b4e9', marker: polygon(...PLUS) },
  // Olive star, violet cross, brown hexagon, crimson triangle to the right, teal one to the left.
  fixup: { colour: '#8a8a1f', marker: star(5, 5, 2.1) },
  rezero: { colour: '#7a5cc9', marker: polygon(...PLUS.map(turned)) },
  layerscale: { colour: '#9a6638', marker: star(3, 4.8, 4.8) },
  deepnorm: { colour: '#c2416b', marker: polygon([4.8, 0], [-3.6, 4.6], [-3.6, -4.6]) },
  nf: { colour: '#1f8a99', marker: polygon([-4.8, 0], [3.6, 4.6], [3.6, -4.6]) },
  // Dark blue hourglass.
  'rsqrt2-skip': { colour: '#3f4f8f', marker: polygon([-4.2, -4.4], [4.2, -4.4], [-4.2, 4.4], [4.2, 4.4]) },
}
/** Of what belongs to no remedy: references, counts, networks before training. */
export const NEUTRAL = '#8a8f98'
const UNKNOWN_REMEDY = { colour: NEUTRAL, marker: LOOKS.none.marker }

const FILLINGS: readonly Filling[] = ['full', 'hollow', 'dot', 'bar']

/** Where what is drawn has no remedy to be told by: one after the other. */
export const SERIES_COLOURS: readonly string[] = Object.values(LOOKS).map(({ colour }) => colour)

/** Looks in their order, for groups of runs: their names are no remedies'. */
export function groupLook(place: number): Appearance {
  const looks = Object.values(LOOKS)
  return {
    ...looks[place % looks.length],
    filling: FILLINGS[Math.floor(place / looks.length) % FILLINGS.length],
    width: 2,
  }
}

export function remedyLook(remedy: string): { colour: string; marker: string } {
  return Object.hasOwn(LOOKS, remedy) ? LOOKS[remedy] : UNKNOWN_REMEDY
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
