/**
 * Seeded random numbers: xoshiro128++ (Blackman and Vigna 2018), one stream per key, so that a parameter's values
 * depend only on the seed, the replica, the block and its place in the block: networks that share parameters start from
 * the same ones.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private d: number

  /** @param key whole numbers; every different list gives its own stream */
  constructor(...key: number[]) {
    let hash = 0x9e3779b9
    for (const part of key) hash = mix(Math.imul(hash ^ mix(part >>> 0), 0x85ebca6b) + 0x6d2b79f5)
    const next = () => (hash = mix((hash + 0x9e3779b9) | 0))
    this.a = next()
    this.b = next()
    this.c = next()
    this.d = next() | 1
    for (let i = 0; i < 8; i++) this.uint32()
  }

  uint32(): number {
    const sum = (this.a + this.d) | 0
    const result = (((sum << 7) | (sum >>> 25)) + this.a) >>> 0
    const t = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= t
    this.d = (this.d << 11) | (this.d >>> 21)
    return result
  }

  /** Uniform on (0, 1), 32 bits; never 0. */
  uniform(): number {
    return (this.uint32() + 0.5) / 4294967296
  }

  /** Whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.uniform() * n)
  }

  /**
   * Standard normal: ziggurat with 128 layers (Marsaglia and Tsang 2000), layer and value from different bits (Doornik
   * 2005).
   */
  normal(): number {
    for (;;) {
      const bits = this.uint32()
      const layer = bits & 127
      const u = (bits >> 7) / 16777216 // 25 signed bits: [-1, 1)
      const x = u * X[layer]
      if (Math.abs(u) < RATIO[layer]) return x
      if (layer === 0) return this.tail(u < 0)
      const density = Math.exp(-0.5 * x * x)
      const [low, high] = [Math.exp(-0.5 * X[layer] ** 2), Math.exp(-0.5 * X[layer + 1] ** 2)]
      if (low + this.uniform() * (high - low) < density) return x
    }
  }

  private tail(negative: boolean): number {
    let x: number
    let y: number
    do {
      x = Math.log(this.uniform()) / TAIL
      y = Math.log(this.uniform())
    } while (-2 * y < x * x)
    return negative ? x - TAIL : TAIL - x
  }

  fillNormal(target: Float32Array | Float64Array, deviation: number, from = 0, to = target.length): void {
    for (let i = from; i < to; i++) target[i] = this.normal() * deviation
  }

  /** Uniform on [-bound, bound]. */
  fillUniform(target: Float32Array | Float64Array, bound: number, from = 0, to = target.length): void {
    for (let i = from; i < to; i++) target[i] = (this.uniform() * 2 - 1) * bound
  }

  /** 0..n-1 in random order. */
  permutation(n: number): Int32Array {
    return shuffled(n, (bound) => this.below(bound))
  }
}

/** 0..n-1 in random order (Fisher and Yates, from the end). @param below a whole number from 0 to below its argument */
export function shuffled(n: number, below: (bound: number) => number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = below(i + 1)
    ;[order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

/** MurmurHash3's finaliser. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}

// The ziggurat's layers: X[0] is the base strip's width, X[1] the tail's start, X[128] the top.
const LAYERS = 128
const TAIL = 3.442619855899
const AREA = 9.91256303526217e-3
const X = new Float64Array(LAYERS + 1)
const RATIO = new Float64Array(LAYERS)
X[0] = AREA / Math.exp(-0.5 * TAIL * TAIL)
X[1] = TAIL
for (let i = 2; i < LAYERS; i++)
  X[i] = Math.sqrt(-2 * Math.log(AREA / X[i - 1] + Math.exp(-0.5 * X[i - 1] ** 2)))
for (let i = 0; i < LAYERS; i++) RATIO[i] = X[i + 1] / X[i]
