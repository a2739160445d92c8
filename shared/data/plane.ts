import { drawing } from './split'

/** Points of the plane, [samples, 2], with their labels. */
export interface Points {
  x: Float32Array
  y: Uint8Array
}

type Place = [number, number]

/**
 * Equally many points of each class.
 * @param at where a point of a class stands: `t` goes from 0 to 1 within the class, the end included where `isClosed`
 * @param noise standard deviation of Gaussian noise on both coordinates
 */
function points(
  ordinal: number,
  { classes, each, noise, isClosed }: { classes: number; each: number; noise: number; isClosed: boolean },
  at: (label: number, t: number, normal: () => number) => Place,
): Points {
  const random = drawing(ordinal)
  const normal = () => random.normal()
  const x = new Float32Array(2 * classes * each)
  const y = new Uint8Array(classes * each)
  for (let i = 0; i < y.length; i++) {
    const label = Math.floor(i / each)
    const place = at(label, (i % each) / (isClosed ? each - 1 : each), normal)
    x.set(
      place.map((value) => value + (noise ? noise * normal() : 0)),
      2 * i,
    )
    y[i] = label
  }
  return { x, y }
}

/** Three arms at radius t and angle 4 c + 4 t + 0.2 n, n standard normal (Stanford CS231n, "Minimal network"). */
export const spirals = (): Points =>
  points(1, { classes: 3, each: 1000, noise: 0, isClosed: true }, (label, t, normal) => {
    const angle = 4 * label + 4 * t + 0.2 * normal()
    return [t * Math.sin(angle), t * Math.cos(angle)]
  })

/** The unit circle, and within it one of radius 0.5 (scikit-learn's make_circles, factor 0.5, noise 0.1). */
export const circles = (): Points =>
  points(2, { classes: 2, each: 1000, noise: 0.1, isClosed: false }, (label, t) => {
    const radius = label === 0 ? 1 : 0.5
    return [radius * Math.cos(2 * Math.PI * t), radius * Math.sin(2 * Math.PI * t)]
  })

/** Two half circles that reach into each other (scikit-learn's make_moons, noise 0.1). */
export const moons = (): Points =>
  points(3, { classes: 2, each: 1000, noise: 0.1, isClosed: true }, (label, t) => {
    const [cos, sin] = [Math.cos(Math.PI * t), Math.sin(Math.PI * t)]
    return label === 0 ? [cos, sin] : [1 - cos, 0.5 - sin]
  })
