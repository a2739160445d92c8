import { positions, type Shape } from '../numerics/shape'

/** What is known of a data set without its samples: enough to plan, check and price networks that learn it. */
export interface DataDescription {
  /** What commands and documents call it. */
  name: string
  title: string
  /** One line: what a sample is, and what is to be told apart. */
  definition: string
  /** Who made it, and where that is written. */
  source: string
  licence: string
  /** Made by the program, part of it, got once from elsewhere, or the user's own. */
  origin: 'generated' | 'carried' | 'fetched' | 'own'
  /** Of one sample: channels, rows, columns; a vector has one position. */
  shape: Shape
  /** Labels are 0 .. classes - 1; 0 where samples have real targets, and no class. */
  classes: number
  /** Words for the labels, where they have any. */
  classNames?: readonly string[]
  /** The real numbers that are to be predicted of a sample; absent where it has a class. */
  targets?: readonly Target[]
  /** Samples to train on, and to test. */
  training: number
  test: number
  /** The seed that parted training and test; absent: its makers have set the test apart. */
  splitSeed?: number
  /** SHA-256 of all values and labels (see `DataSet`), where it is known beforehand. */
  sha256?: string
}

/** Numbers in memory. */
export type Numbers = Float64Array | Float32Array | Uint8Array

/** Numbers one after the other, in memory, or in a file of which pieces are read as they are asked for. */
export interface Values {
  readonly length: number
  readonly byteLength: number
  /** Those from `from` up to `to`, in memory. Do not write into them. @throws InputError where they cannot be read */
  subarray(from: number, to: number): Numbers
}

/** One real number that is to be predicted. */
export interface Target {
  name: string
  /** Absent: it has none, or that is not known. */
  unit?: string
}

/** Samples of one part, row by row. */
export interface DataPart {
  /** [samples, values]: a sample's values position by position, the channels of each together. */
  x: Values
  /** Labels, one a sample; or real targets, [samples, targets], in their own units. */
  y: Labels
}

export type Labels = Uint8Array | Float32Array

/**
 * A data set with its samples. Its hash is that of the bytes of training's values and labels or targets, then the
 * test's, numbers little-endian.
 */
export interface DataSet {
  description: DataDescription
  training: DataPart
  test: DataPart
  /** What is subtracted and divided by before a network sees a value; null: values go in as they are. */
  scale: Scale | null
}

/** Value i of a sample takes entry i modulo their number: one for all, one a channel, or one a value. */
export interface Scale {
  mean: Float64Array
  deviation: Float64Array
}

/** Bytes of values that are held in memory; of larger data sets pieces are read from the file. */
export const MOST_HELD_BYTES = 2 ** 29

/** How many numbers a sample has. */
export const valuesOf = ({ shape }: Pick<DataDescription, 'shape'>): number => shape.units * positions(shape)

/** Whether networks predict real numbers of these samples, and no class. */
export const isRegression = ({ targets }: Pick<DataDescription, 'targets'>): boolean => targets !== undefined

/** How many numbers a network puts out for a sample: one for each class, or its targets. */
export const outputsOf = ({ classes, targets }: Pick<DataDescription, 'classes' | 'targets'>): number =>
  targets?.length ?? classes

/** Whether samples have positions, so that convolutions have something to slide over. */
export const hasPositions = ({ shape }: Pick<DataDescription, 'shape'>): boolean => positions(shape) > 1
