import * as v from 'valibot'
import type { Evaluations } from '../../../../shared/network/results'
import type { XlaChoice } from '../../../../shared/runs/computed'
import type { KeptFramesState } from '../kept-frames'
import type { SeriesState } from '../trainable-series'
import type { FailureState } from '../training-failures'

/** What a training knows between two steps, beside the arrays of its networks. */
export interface TrainingState {
  /** Updates so far. */
  step: number
  /** That it took so far, evaluations included. */
  seconds: number
  frames: KeptFramesState
  failures: FailureState
  /** By series. */
  evaluations: Evaluations[]
  /** What became of compiling its steps by XLA; null: it was not tried. */
  xla: XlaChoice | null
  series: SeriesState[]
}

const count = v.custom<number>((value) => Number.isSafeInteger(value) && (value as number) >= 0)
/** Not finite ones too. */
const number = v.custom<number>((value) => typeof value === 'number')
const outcomes = v.object({ loss: v.array(v.array(number)), error: v.array(v.array(number)) })
const band = v.object({ mean: v.array(number), low: v.array(number), high: v.array(number) })
const summary = v.record(v.string(), v.union([number, v.array(number)]))

const SCHEMA = v.object({
  step: count,
  // Checkpoints of earlier versions do not say.
  seconds: v.optional(number, 0),
  frames: v.object({
    frames: v.array(
      v.object({
        type: v.literal('frame'),
        step: count,
        learningRate: number,
        series: v.array(v.record(v.string(), summary)),
      }),
    ),
    seen: count,
    lastIsBetween: v.boolean(),
  }),
  failures: v.object({
    found: v.array(
      v.nullable(
        v.object({
          series: count,
          quantity: v.picklist(['activation', 'mean square', 'gradient', 'parameter']),
          block: count,
          operation: v.string(),
          before: number,
          replicas: count,
          step: count,
        }),
      ),
    ),
    lastLoss: v.array(number),
  }),
  evaluations: v.array(
    v.object({
      step: v.array(count),
      learningRate: v.array(number),
      train: outcomes,
      test: outcomes,
      shattering: v.optional(v.array(v.nullable(v.object({ correlation: v.array(number), acf: band })))),
    }),
  ),
  // Earlier versions tried none.
  xla: v.optional(
    v.nullable(
      v.object({
        used: v.boolean(),
        times: v.nullable(v.object({ compiled: number, plain: number })),
        why: v.nullable(v.string()),
      }),
    ),
    null,
  ),
  series: v.array(v.object({ milliseconds: number, lost: v.nullable(v.array(number)) })),
})

/**
 * Whether networks came from elsewhere: a training of the lab takes time, and is evaluated before its first update.
 */
export const isImported = ({ seconds, evaluations }: TrainingState): boolean =>
  seconds === 0 && evaluations.every(({ step }) => step.length === 0)

/** @param series how many there are @throws Error, a clause about the file, where it is none */
export function parseTrainingState(value: unknown, series: number): TrainingState {
  const { success, output } = v.safeParse(SCHEMA, value)
  if (!success) throw new Error('its state is none of a training')
  const lists = [output.failures.found, output.failures.lastLoss, output.evaluations, output.series]
  if (lists.some(({ length }) => length !== series)) throw new Error('it has another number of curves')
  // What a frame holds by name is the front ends’ alone.
  return output as unknown as TrainingState
}
