import { shuffled } from '../numerics/random'

/**
 * MNIST-1D (Greydanus 2020, arXiv 2011.14439), regenerated exactly as its authors' code does with numpy's legacy
 * generator at seed 42: ten templates, padded, scaled, shifted, made noisy, sheared. `x` is [samples, 40], row-major.
 */
export interface Mnist1d {
  x: Float64Array
  y: Uint8Array
  xTest: Float64Array
  yTest: Uint8Array
}

/** Twelve points a digit, 0 to 9. */
const TEMPLATES = [
  [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
  [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
  [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
  [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
  [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
  [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
  [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
  [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
  [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
  [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
]
const PER_CLASS = 500
const PADDED = 72

let made: Mnist1d | null = null

/** The data set; made once, in about 0.3 s. Do not write into it. */
export function mnist1d(): Mnist1d {
  made ??= generate()
  return made
}

function generate(): Mnist1d {
  const random = new LegacyNumpyRandom(42)
  const total = PER_CLASS * TEMPLATES.length
  const samples: Float64Array[] = []
  const templates = TEMPLATES.map(standardiseTemplate)
  for (let label = 0; label < templates.length; label++) {
    for (let i = 0; i < PER_CLASS; i++) samples.push(transform(templates[label], random))
  }
  const order = shuffled(total, (bound) => random.below(bound))
  const x = new Float64Array(total * MNIST1D_LENGTH)
  const y = new Uint8Array(total)
  order.forEach((from, to) => {
    x.set(samples[from], to * MNIST1D_LENGTH)
    y[to] = Math.floor(from / PER_CLASS)
  })
  standardise(x)
  const cut = MNIST1D_TRAINING_SAMPLES
  return {
    x: x.slice(0, cut * MNIST1D_LENGTH),
    y: y.slice(0, cut),
    xTest: x.slice(cut * MNIST1D_LENGTH),
    yTest: y.slice(cut),
  }
}

function standardiseTemplate(points: number[]): Float64Array {
  const row = Float64Array.from(points)
  standardise(row)
  const first = row[0]
  return row.map((value) => (value - first) / 6)
}

/** In place: mean 0, population standard deviation 1. */
function standardise(values: Float64Array): void {
  let mean = 0
  for (const value of values) mean += value / values.length
  let variance = 0
  for (const value of values) variance += (value - mean) ** 2 / values.length
  const deviation = Math.sqrt(variance)
  for (let i = 0; i < values.length; i++) values[i] = (values[i] - mean) / deviation
}

function transform(template: Float64Array, random: LegacyNumpyRandom): Float64Array {
  const padding = 36 + Math.floor(25 * random.uniform())
  const padded = new Float64Array(template.length + padding)
  template.forEach((value, i) => (padded[i] = value + 1e-8))
  const long = interpolate(padded, PADDED)
  const size = 1 + 0.4 * (random.uniform() - 0.5)
  const shift = random.below(48)
  const shifted = new Float64Array(PADDED)
  for (let i = 0; i < PADDED; i++) shifted[(i + shift) % PADDED] = long[i] * size
  const background = new Float64Array(PADDED)
  for (let i = 0; i < PADDED; i++) background[i] = 0.25 * random.normal()
  const smooth = gaussianFilter(background, 2)
  const noisy = shifted.map((value, i) => (value !== 0 ? value : smooth[i]))
  for (let i = 0; i < PADDED; i++) noisy[i] += 0.02 * random.normal()
  const shear = 0.75 * (random.uniform() - 0.5)
  for (let i = 0; i < PADDED; i++) noisy[i] -= shear * (-0.5 + i / (PADDED - 1))
  return interpolate(noisy, MNIST1D_LENGTH)
}

/** Linear interpolation onto `length` points from end to end. */
function interpolate(values: Float64Array, length: number): Float64Array {
  const last = values.length - 1
  return Float64Array.from({ length }, (_, i) => {
    const position = (i * last) / (length - 1)
    const below = Math.min(Math.floor(position), last - 1)
    return values[below] + (values[below + 1] - values[below]) * (position - below)
  })
}

/** scipy's gaussian_filter1d: radius 4 sigma, edges mirrored about the half sample. */
function gaussianFilter(values: Float64Array, sigma: number): Float64Array {
  const radius = 4 * sigma
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  )
  const total = weights.reduce((a, b) => a + b)
  const n = values.length
  const at = (i: number) => values[i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i]
  return values.map((_, i) => weights.reduce((sum, w, j) => sum + (w / total) * at(i + j - radius), 0))
}

/** MT19937 with numpy's legacy distributions (RandomState). */
class LegacyNumpyRandom {
  private state = new Uint32Array(624)
  private position = 624
  private cached: number | null = null

  constructor(seed: number) {
    this.state[0] = seed
    for (let i = 1; i < 624; i++) {
      const previous = this.state[i - 1] ^ (this.state[i - 1] >>> 30)
      this.state[i] = Math.imul(1812433253, previous) + i
    }
  }

  private uint32(): number {
    if (this.position === 624) this.twist()
    let y = this.state[this.position++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }

  private twist(): void {
    for (let i = 0; i < 624; i++) {
      const y = (this.state[i] & 0x80000000) | (this.state[(i + 1) % 624] & 0x7fffffff)
      this.state[i] = this.state[(i + 397) % 624] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0)
    }
    this.position = 0
  }

  /** [0, 1), 53 bits. */
  uniform(): number {
    const a = this.uint32() >>> 5
    const b = this.uint32() >>> 6
    return (a * 67108864 + b) / 9007199254740992
  }

  /** Standard normal by the polar method, the second of each pair kept. */
  normal(): number {
    if (this.cached !== null) {
      const value = this.cached
      this.cached = null
      return value
    }
    let x1: number
    let x2: number
    let r2: number
    do {
      x1 = 2 * this.uniform() - 1
      x2 = 2 * this.uniform() - 1
      r2 = x1 * x1 + x2 * x2
    } while (r2 >= 1 || r2 === 0)
    const f = Math.sqrt((-2 * Math.log(r2)) / r2)
    this.cached = f * x1
    return f * x2
  }

  /** 0..n-1 by masked rejection on 32-bit words. */
  below(n: number): number {
    const mask = 2 ** Math.ceil(Math.log2(n)) - 1
    for (;;) {
      const value = this.uint32() & mask
      if (value < n) return value
    }
  }
}

export const MNIST1D_LENGTH = 40

export const MNIST1D_TRAINING_SAMPLES = 4000
export const MNIST1D_TEST_SAMPLES = 1000
