import { Random } from '../numerics/random'
import { STREAM } from '../numerics/random-streams'
import { positions, type Shape } from '../numerics/shape'

/**
 * What is changed at random in each training sample, each time that it is learned; in this order. None of it changes
 * samples that networks are evaluated on.
 */
export interface Augmentation {
  /**
   * Most positions s that a sample is moved by along each axis: uniform on -s .. s, and what leaves at one end enters
   * at the other (`translate` of MNIST-1D: Greydanus 2020). 0: none.
   */
  augmentShift: number
  /**
   * Positions p of zeros on each side of an image, out of which one of the image's own size is cut, at any of (2p + 1)²
   * places alike (He et al. 2016, section 4.2: p = 4 for CIFAR-10). After standardisation zero is the mean. 0: none.
   */
  augmentCrop: number
  /** Whether an image is mirrored left to right, with probability 1/2 (He et al. 2016, section 4.2). */
  augmentFlip: 'off' | 'on'
  /** Standard deviation of Gaussian noise on every value, as the network takes it (Bishop 1995). 0: none. */
  augmentNoise: number
}

/** Whether training samples are changed at all. */
export const isAugmented = ({
  augmentShift,
  augmentCrop,
  augmentFlip,
  augmentNoise,
}: Augmentation): boolean => augmentShift > 0 || augmentCrop > 0 || augmentFlip === 'on' || augmentNoise > 0

/** Whether samples have rows and columns, so that one can be mirrored, and cut out of a margin. */
export const isImage = ({ rows, columns }: Shape): boolean => rows > 1 && columns > 1

/** The most positions that samples can be moved or padded by: less than the shorter of their axes. */
export const mostShift = ({ rows, columns }: Shape): number =>
  Math.min(...[rows, columns].filter((length) => length > 1), Infinity) - 1

/**
 * Samples as a training sees them at a step: a function of the seed, the step and the sample alone, whatever else
 * is in the batch, so that a training can be taken up at any step, and any of its samples be shown. All networks see
 * the same ones, so that comparisons are paired. What one augmentation draws does not depend on the others.
 * @param x as networks take them, standardised: [samples, values], position by position, channels together
 * @param samples their indices among the training samples
 * @param step updates before the one that learns them
 * @returns others of the same size; x stays
 */
export function augmented(
  x: Float32Array,
  samples: ArrayLike<number>,
  shape: Shape,
  augmentation: Augmentation,
  { seed, step }: { seed: number; step: number },
): Float32Array {
  const length = shape.units * positions(shape)
  const out = new Float32Array(x.length)
  for (let i = 0; i < samples.length; i++) {
    const random = new Random(seed, STREAM.augmentation, step, samples[i])
    const target = out.subarray(i * length, (i + 1) * length)
    augmentSample(x.subarray(i * length, (i + 1) * length), target, shape, augmentation, random)
  }
  return out
}

/** A whole number, uniform on -most .. most; draws one number also where most is 0. */
const offset = (random: Random, most: number) => random.below(2 * most + 1) - most

const modulo = (value: number, length: number) => ((value % length) + length) % length

function augmentSample(
  from: Float32Array,
  target: Float32Array,
  { units, rows, columns }: Shape,
  { augmentShift, augmentCrop, augmentFlip, augmentNoise }: Augmentation,
  random: Random,
): void {
  const along = (length: number, most: number) => offset(random, length > 1 ? most : 0)
  const shift = [along(rows, augmentShift), along(columns, augmentShift)]
  const crop = [along(rows, augmentCrop), along(columns, augmentCrop)]
  const isMirrored = random.below(2) === 1 && augmentFlip === 'on'
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // From the last change back to the first: where in the sample the value of this position comes from.
      const [y, x] = [row + crop[0], (isMirrored ? columns - 1 - column : column) + crop[1]]
      // Zeros of the margin stay.
      if (y < 0 || y >= rows || x < 0 || x >= columns) continue
      const source = (modulo(y + shift[0], rows) * columns + modulo(x + shift[1], columns)) * units
      const at = (row * columns + column) * units
      for (let unit = 0; unit < units; unit++) target[at + unit] = from[source + unit]
    }
  }
  if (augmentNoise > 0) for (let i = 0; i < target.length; i++) target[i] += augmentNoise * random.normal()
}
