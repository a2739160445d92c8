import type { Rect } from './drawing'

/** An affine map as canvases have it: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

type Place = readonly [x: number, y: number]

interface Arc {
  x: number
  y: number
  radius: number
  /** Radians, clockwise from the right. */
  from: number
  to: number
  isAnticlockwise: boolean
}

/** A hundredth of a pixel is finer than any printer. */
export const rounded = (value: number): number => Math.round(value * 100) / 100 || 0

/** A path as it is drawn: text for SVG, the box around it, and whether it is a rectangle. */
export class TracedPath {
  readonly #parts: string[] = []
  #isBegun = false
  #left = Infinity
  #top = Infinity
  #right = -Infinity
  #bottom = -Infinity
  #rects = 0

  get text(): string {
    return this.#parts.join('')
  }
  /** Whether nothing is drawn: a place alone is no line. */
  get isEmpty(): boolean {
    return this.#parts.length < 2
  }
  get box(): Rect | null {
    if (this.#left > this.#right) return null
    return { x: this.#left, y: this.#top, width: this.#right - this.#left, height: this.#bottom - this.#top }
  }
  /** Itself, where it is one rectangle with level sides and nothing else. */
  asRect(): Rect | null {
    return this.#rects === 1 && this.#parts.length === 5 ? this.box : null
  }

  moveTo(matrix: Matrix, x: number, y: number): void {
    this.#add('M', this.#placed(matrix, x, y))
  }
  /** The first one of a path only sets where it begins. */
  lineTo(matrix: Matrix, x: number, y: number): void {
    this.#add(this.#isBegun ? 'L' : 'M', this.#placed(matrix, x, y))
  }
  curveTo(matrix: Matrix, ...places: [Place, Place, Place]): void {
    this.#add('C', ...places.map(([x, y]) => this.#placed(matrix, x, y)))
  }
  close(): void {
    if (this.#isBegun) this.#parts.push('Z')
  }

  rect(matrix: Matrix, { x, y, width, height }: Rect): void {
    const [, b, c] = matrix
    if (Math.abs(b) < 1e-9 && Math.abs(c) < 1e-9) this.#rects++
    this.moveTo(matrix, x, y)
    this.lineTo(matrix, x + width, y)
    this.lineTo(matrix, x + width, y + height)
    this.lineTo(matrix, x, y + height)
    this.close()
  }

  /** In pieces of at most half a circle, which SVG cannot take for the other half. */
  arc(matrix: Matrix, enlargement: number, { x, y, radius, from, to, isAnticlockwise }: Arc): void {
    const whole = 2 * Math.PI
    const direction = isAnticlockwise ? -1 : 1
    const asked = (to - from) * direction
    const turn = asked >= whole ? whole : ((asked % whole) + whole) % whole
    const at = (angle: number) => [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const
    this.lineTo(matrix, ...at(from))
    const pieces = Math.ceil(turn / Math.PI - 1e-9)
    const size = rounded(radius * enlargement)
    for (let i = 1; i <= pieces; i++) {
      const end = this.#placed(matrix, ...at(from + (direction * turn * i) / pieces))
      this.#parts.push(`A${size} ${size} 0 0 ${isAnticlockwise ? 0 : 1} ${end.join(' ')}`)
    }
    for (const [h, v] of [
      [-1, -1],
      [1, 1],
    ])
      this.#grow(this.#placed(matrix, x + h * radius, y + v * radius))
  }

  #placed([a, b, c, d, e, f]: Matrix, x: number, y: number): Place {
    return [rounded(a * x + c * y + e), rounded(b * x + d * y + f)]
  }

  #add(command: string, ...places: Place[]): void {
    // What is not finite has no place; canvases pass over it, too.
    if (!places.flat().every(Number.isFinite)) return
    this.#isBegun = true
    for (const place of places) this.#grow(place)
    this.#parts.push(command + places.map((place) => place.join(' ')).join(' '))
  }

  #grow([x, y]: Place): void {
    this.#left = Math.min(this.#left, x)
    this.#top = Math.min(this.#top, y)
    this.#right = Math.max(this.#right, x)
    this.#bottom = Math.max(this.#bottom, y)
  }
}
