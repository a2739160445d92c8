import type { StandardLayer } from '../../graph/standard-layer'
import type { ExportedNode } from '../network'
import type { CodeStyle, Slot } from './dialect'

/** Whether a layer draws random numbers in training. */
export const isNoise = ({ layer: { layer } }: ExportedNode): boolean =>
  layer === 'dropout' || layer === 'stochastic-depth'

/** The axes that a framework's layer has, of rows and columns. */
export const ofAxes = <V>(axes: 0 | 1 | 2, pair: readonly [V, V]): V[] => (axes === 2 ? [...pair] : [pair[1]])

/** A window along the axes that there are. */
export interface AxesWindow {
  kernel: number[]
  stride: number[]
  padding: number[]
  hasPadding: boolean
}

export function windowOf(layer: Extract<StandardLayer, { kernel: unknown }>, axes: 0 | 1 | 2): AxesWindow {
  const [kernel, stride, padding] = [layer.kernel, layer.stride, layer.padding].map((pair) =>
    ofAxes(axes, pair),
  )
  return { kernel, stride, padding, hasPadding: padding.some((margin) => margin > 0) }
}

/**
 * Whether a window keeps the grid by as many zeros on both sides, which frameworks call "same". (With a stride they put
 * more of them at the end.)
 */
export const isSame = ({ kernel, stride, padding }: AxesWindow): boolean =>
  kernel.every((size, i) => stride[i] === 1 && 2 * padding[i] === size - 1)

/** A layer with weights. */
export interface WeightedLayer {
  /** null: linear. */
  window: AxesWindow | null
  hasBias: boolean
  /** γ of scaled weight standardisation; 0: none. */
  standardised: number
  /** On the standard deviation of its weights. */
  factor: number
}

export function weightedLayer(
  { layer, parameters }: ExportedNode,
  { axes, gain }: CodeStyle,
): WeightedLayer | null {
  if (layer.layer !== 'linear' && layer.layer !== 'convolution') return null
  return {
    window: layer.layer === 'linear' ? null : windowOf(layer, axes),
    hasBias: parameters.some(({ role }) => role === 'bias'),
    standardised: layer.standardised,
    factor: (parameters.find(({ role }) => role === 'weight')!.factor ?? 1) * gain,
  }
}

export const areSame = (values: readonly number[]): boolean => values.every((value) => value === values[0])

/** One number where all agree, else a tuple of Python. */
export const along = (values: readonly number[]): string =>
  areSame(values) ? String(values[0]) : `(${values.join(', ')})`

/** The same of a stride, which may differ from block to block of one class where it is one number. */
export const strideText = (stride: readonly number[], slot: Slot, isInForward = false): string =>
  areSame(stride) ? slot('stride', stride[0], isInForward) : along(stride)

/** A tuple of Python. */
export const tuple = (values: readonly (number | string)[]): string =>
  `(${values.join(', ')}${values.length === 1 ? ',' : ''})`
