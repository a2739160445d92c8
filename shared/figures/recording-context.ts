import type { Ink, Mark, Rect, Stroke, TextMark } from './drawing'
import { ASCENT, DESCENT, MIDDLE, textWidth } from './font-metrics'
import { TracedPath, type Matrix } from './traced-path'

/** What `save` keeps and `restore` brings back. */
interface State {
  matrix: Matrix
  clip: Rect | null
  fillStyle: string
  strokeStyle: string
  lineWidth: number
  lineCap: CanvasLineCap
  lineJoin: CanvasLineJoin
  dash: readonly number[]
  font: string
  textAlign: CanvasTextAlign
  textBaseline: CanvasTextBaseline
  globalAlpha: number
}

const BEGINNING: State = {
  matrix: [1, 0, 0, 1, 0, 0],
  clip: null,
  fillStyle: '#000000',
  strokeStyle: '#000000',
  lineWidth: 1,
  lineCap: 'butt',
  lineJoin: 'miter',
  dash: [],
  font: '10px sans-serif',
  textAlign: 'start',
  textBaseline: 'alphabetic',
  globalAlpha: 1,
}

/**
 * As much of a canvas's 2D context as charts draw with; it keeps what is drawn as marks. It needs no DOM and measures
 * text by a table, so that the page and Node record the same. `asContext` gives it the type that charts ask for.
 */
export class RecordingContext {
  #state: State
  readonly #saved: State[] = []
  #path = new TracedPath()
  #marks: Mark[] = []
  /** Chart.js asks its context for it. */
  readonly canvas

  /** @param origin where its upper left corner lies in the drawing that it is a part of */
  constructor(
    readonly width: number,
    readonly height: number,
    private readonly origin: { x: number; y: number } = { x: 0, y: 0 },
  ) {
    this.#state = { ...BEGINNING, matrix: [1, 0, 0, 1, origin.x, origin.y] }
    this.canvas = { width, height, style: {}, getContext: () => this }
  }

  get marks(): readonly Mark[] {
    return this.#marks
  }

  asContext(): CanvasRenderingContext2D {
    return this as unknown as CanvasRenderingContext2D
  }

  // ---- State ----------------------------------------------------------------------------------------------

  save(): void {
    this.#saved.push(this.#state)
  }
  restore(): void {
    this.#state = this.#saved.pop() ?? this.#state
  }
  #set(changed: Partial<State>): void {
    this.#state = { ...this.#state, ...changed }
  }
  set fillStyle(fillStyle: string) {
    this.#set({ fillStyle })
  }
  get fillStyle(): string {
    return this.#state.fillStyle
  }
  set strokeStyle(strokeStyle: string) {
    this.#set({ strokeStyle })
  }
  get strokeStyle(): string {
    return this.#state.strokeStyle
  }
  /** Canvases ignore widths that are none. */
  set lineWidth(lineWidth: number) {
    if (lineWidth > 0 && Number.isFinite(lineWidth)) this.#set({ lineWidth })
  }
  get lineWidth(): number {
    return this.#state.lineWidth
  }
  set lineCap(lineCap: CanvasLineCap) {
    this.#set({ lineCap })
  }
  get lineCap(): CanvasLineCap {
    return this.#state.lineCap
  }
  set lineJoin(lineJoin: CanvasLineJoin) {
    this.#set({ lineJoin })
  }
  get lineJoin(): CanvasLineJoin {
    return this.#state.lineJoin
  }
  set font(font: string) {
    this.#set({ font })
  }
  get font(): string {
    return this.#state.font
  }
  set textAlign(textAlign: CanvasTextAlign) {
    this.#set({ textAlign })
  }
  get textAlign(): CanvasTextAlign {
    return this.#state.textAlign
  }
  set textBaseline(textBaseline: CanvasTextBaseline) {
    this.#set({ textBaseline })
  }
  get textBaseline(): CanvasTextBaseline {
    return this.#state.textBaseline
  }
  set globalAlpha(globalAlpha: number) {
    this.#set({ globalAlpha })
  }
  get globalAlpha(): number {
    return this.#state.globalAlpha
  }
  setLineDash(dash: readonly number[]): void {
    this.#set({ dash: [...dash] })
  }
  getLineDash(): number[] {
    return [...this.#state.dash]
  }

  // ---- Places ---------------------------------------------------------------------------------------------

  setTransform(...[a, b, c, d, e, f]: Matrix): void {
    this.#set({ matrix: [a, b, c, d, e + this.origin.x, f + this.origin.y] })
  }
  resetTransform(): void {
    this.setTransform(1, 0, 0, 1, 0, 0)
  }
  transform(...[a, b, c, d, e, f]: Matrix): void {
    const [p, q, r, s, x, y] = this.#state.matrix
    const [ab, cd] = [
      [p * a + r * b, q * a + s * b],
      [p * c + r * d, q * c + s * d],
    ] as const
    this.#set({ matrix: [...ab, ...cd, p * e + r * f + x, q * e + s * f + y] })
  }
  translate(x: number, y: number): void {
    this.transform(1, 0, 0, 1, x, y)
  }
  rotate(angle: number): void {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    this.transform(cos, sin, -sin, cos, 0, 0)
  }
  scale(x: number, y: number): void {
    this.transform(x, 0, 0, y, 0, 0)
  }
  /** By which lengths grow on the way to the drawing. */
  get #enlargement(): number {
    const [a, b, c, d] = this.#state.matrix
    return Math.sqrt(Math.abs(a * d - b * c))
  }

  // ---- Paths ----------------------------------------------------------------------------------------------

  beginPath(): void {
    this.#path = new TracedPath()
  }
  closePath(): void {
    this.#path.close()
  }
  moveTo(x: number, y: number): void {
    this.#path.moveTo(this.#state.matrix, x, y)
  }
  lineTo(x: number, y: number): void {
    this.#path.lineTo(this.#state.matrix, x, y)
  }
  bezierCurveTo(...[x1, y1, x2, y2, x, y]: [number, number, number, number, number, number]): void {
    this.#path.curveTo(this.#state.matrix, [x1, y1], [x2, y2], [x, y])
  }
  rect(x: number, y: number, width: number, height: number): void {
    this.#path.rect(this.#state.matrix, { x, y, width, height })
  }
  arc(x: number, y: number, radius: number, from: number, to: number, isAnticlockwise = false): void {
    this.#path.arc(this.#state.matrix, this.#enlargement, { x, y, radius, from, to, isAnticlockwise })
  }

  /** @throws Error where it is no rectangle whose sides are level: charts clip to nothing else */
  clip(): void {
    const own = this.#path.asRect()
    if (!own) throw new Error('A figure clips to something else than a rectangle.')
    const outer = this.#state.clip
    this.#set({ clip: outer ? common(outer, own) : own })
  }
  fill(rule?: unknown): void {
    const fill = this.#ink(this.#state.fillStyle)
    this.#add(this.#path, { ...fill, evenOdd: rule === 'evenodd' }, null)
  }
  stroke(): void {
    const { strokeStyle, lineWidth, lineCap, lineJoin, dash } = this.#state
    const scale = this.#enlargement
    this.#add(this.#path, null, {
      ...this.#ink(strokeStyle),
      ...{ width: lineWidth * scale, dash: dash.map((one) => one * scale), cap: lineCap, join: lineJoin },
    })
  }
  fillRect(x: number, y: number, width: number, height: number): void {
    this.#add(this.#rectangle(x, y, width, height), { ...this.#ink(this.fillStyle), evenOdd: false }, null)
  }
  strokeRect(x: number, y: number, width: number, height: number): void {
    const kept = this.#path
    this.#path = this.#rectangle(x, y, width, height)
    this.stroke()
    this.#path = kept
  }
  /** Chart.js clears all before it draws anew. */
  clearRect(): void {
    this.#marks = []
  }
  #rectangle(x: number, y: number, width: number, height: number): TracedPath {
    const path = new TracedPath()
    path.rect(this.#state.matrix, { x, y, width, height })
    return path
  }

  #add(path: TracedPath, fill: (Ink & { evenOdd: boolean }) | null, stroke: Stroke | null): void {
    const { clip } = this.#state
    const air = stroke ? stroke.width / 2 : 0
    const box = path.box
    if (path.isEmpty || !box || (fill ?? stroke)?.opacity === 0) return
    if (clip && (clip.width <= 0 || clip.height <= 0 || !meets(box, clip, air))) return
    const isInside = !clip || holds(clip, box, air)
    this.#marks.push({ kind: 'path', path: path.text, fill, stroke, clip: isInside ? null : clip })
  }

  #ink(style: string): Ink {
    const { colour, opacity } = inkOf(style)
    return { colour, opacity: opacity * this.#state.globalAlpha }
  }

  // ---- Text -----------------------------------------------------------------------------------------------

  get #textSize(): number {
    return Number(/([\d.]+)px/.exec(this.#state.font)?.[1] ?? 10)
  }
  measureText(text: string): TextMetrics {
    const size = this.#textSize
    const width = textWidth(text, size)
    return {
      width,
      actualBoundingBoxLeft: 0,
      actualBoundingBoxRight: width,
      actualBoundingBoxAscent: ASCENT * size,
      actualBoundingBoxDescent: DESCENT * size,
    } as TextMetrics
  }
  fillText(text: string, x: number, y: number): void {
    const { matrix, textAlign, textBaseline, fillStyle } = this.#state
    const size = this.#textSize
    const [a, b, c, d, e, f] = matrix
    const down = y + BASELINES[textBaseline] * size
    if (!text.trim() || !Number.isFinite(x + down)) return
    this.#marks.push({
      kind: 'text',
      text,
      x: a * x + c * down + e,
      y: b * x + d * down + f,
      anchor: ANCHORS[textAlign],
      angle: (Math.atan2(b, a) * 180) / Math.PI,
      size: size * this.#enlargement,
      fill: this.#ink(fillStyle),
    })
  }
}

/** From where text is set to its baseline, as a share of its size. */
const BASELINES: Record<CanvasTextBaseline, number> = {
  alphabetic: 0,
  ideographic: -DESCENT,
  bottom: -DESCENT,
  middle: MIDDLE,
  top: ASCENT,
  hanging: ASCENT,
}

const ANCHORS: Record<CanvasTextAlign, TextMark['anchor']> = {
  start: 'start',
  left: 'start',
  center: 'middle',
  right: 'end',
  end: 'end',
}

/** #rgb, #rrggbb, #rrggbbaa, rgb() or rgba(), which is what charts colour with. @throws Error for others */
export function inkOf(style: string): Ink {
  const hex = /^#([0-9a-f]{6})([0-9a-f]{2})?$/i.exec(style)
  if (hex) return { colour: `#${hex[1].toLowerCase()}`, opacity: hex[2] ? parseInt(hex[2], 16) / 255 : 1 }
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(style)
  if (short)
    return {
      colour: `#${short
        .slice(1)
        .map((one) => one + one)
        .join('')}`.toLowerCase(),
      opacity: 1,
    }
  const rgb = /^rgba?\(([^)]*)\)$/.exec(style)
  if (!rgb) throw new Error(`A figure is coloured "${style}".`)
  const [red, green, blue, opacity = 1] = rgb[1].split(/[\s,/]+/).map(Number)
  const channels = [red, green, blue].map((one) => Math.round(one).toString(16).padStart(2, '0'))
  return { colour: `#${channels.join('')}`, opacity }
}

function common(a: Rect, b: Rect): Rect {
  const [left, top] = [Math.max(a.x, b.x), Math.max(a.y, b.y)]
  const right = Math.min(a.x + a.width, b.x + b.width)
  const bottom = Math.min(a.y + a.height, b.y + b.height)
  return { x: left, y: top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) }
}

/** Whether they share more than an edge. @param air around `box` */
const meets = (box: Rect, other: Rect, air: number): boolean =>
  box.x - air < other.x + other.width &&
  box.x + box.width + air > other.x &&
  box.y - air < other.y + other.height &&
  box.y + box.height + air > other.y

const holds = (outer: Rect, box: Rect, air: number): boolean =>
  box.x - air >= outer.x &&
  box.y - air >= outer.y &&
  box.x + box.width + air <= outer.x + outer.width &&
  box.y + box.height + air <= outer.y + outer.height
