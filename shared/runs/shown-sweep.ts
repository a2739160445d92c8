import type { RunEntry, RunKind } from './run'
import type { Experiment, SettingKey } from '../settings/experiment'
import { SWEEP_COMMANDS } from '../settings/sweep-section'
import { keptPoints } from '../sweep/kept'
import { screenSweep } from '../sweep/screen-plan'
import type { SweepPoint, SweptSetting } from '../sweep/points'
import type { ScreenPoint, ScreenSweep } from '../sweep/screen-plan'

/** A point as the pictures show it. */
export interface ShownPoint extends SweepPoint {
  key: string
  /** Null for a point of the library whose run is read when it is opened. */
  experiment: Experiment | null
  /** Null: it is still to be done. */
  run: RunEntry | null
}

/** A sweep as the pictures show it: the experiment's own, or one of the library. */
export interface ShownSweep {
  id: string
  kind: RunKind
  swept: SweptSetting[]
  /** By their number; a sweep of which the library holds a part has gaps there. */
  points: ShownPoint[]
}

export function ownSweep(sweep: ScreenSweep, runs: readonly RunEntry[]): ShownSweep {
  const keptOf = keptPoints(runs, sweep.id)
  return {
    ...{ id: sweep.id, kind: sweep.command, swept: sweep.swept },
    points: sweep.points.map((point) => ({ ...point, run: keptOf(point).done })),
  }
}

/** What the library holds of a sweep, by whichever command and machine; null: nothing. */
export function keptSweep(runs: readonly RunEntry[], id: string): ShownSweep | null {
  const done = [...finishedPoints(runs, id).values()].sort((a, b) => a.sweep!.index - b.sweep!.index)
  const [first] = done
  if (!first) return null
  const keys = Object.keys(first.sweep!.settings) as SettingKey[]
  return {
    ...{ id, kind: first.kind },
    swept: keys.map((key) => ({
      key,
      values: [...new Set(done.map(({ sweep }) => sweep!.settings[key]!))].sort((a, b) => a - b),
    })),
    points: done.map((run) => {
      const { index, key, settings } = run.sweep!
      return { index, key, settings, experiment: null, run }
    }),
  }
}

function finishedPoints(runs: readonly RunEntry[], id: string): Map<number, RunEntry> {
  const own = runs.filter(
    ({ sweep, state, removed }) => sweep?.id === id && state === 'finished' && removed === null,
  )
  return new Map(own.map((run) => [run.sweep!.index, run]))
}

/** The point at these values; null: there is none. */
export const pointAt = ({ points }: ShownSweep, settings: SweepPoint['settings']): ShownPoint | null =>
  points.find((point) =>
    Object.entries(settings).every(([key, value]) => point.settings[key as SettingKey] === value),
  ) ?? null

/** Whether values lie at equal ratios rather than at equal distances. */
export function areRatios(values: readonly number[]): boolean {
  if (values.length < 3 || values.some((value) => value <= 0)) return false
  const sorted = [...values].sort((a, b) => a - b)
  const steps = sorted.slice(1).map((value, i) => Math.log(value / sorted[i]))
  return Math.max(...steps) < 1.6 * Math.min(...steps) && sorted[sorted.length - 1] / sorted[0] >= 8
}

/** The points that no finished run stands for. */
export function missing({ id, points }: ScreenSweep, runs: readonly RunEntry[]): ScreenPoint[] {
  const keptOf = keptPoints(runs, id)
  return points.filter((point) => !keptOf(point).done)
}

/**
 * The experiment whose sweep this is, from that of one of its points; null where the library holds a part of it, or
 * the screen has no such sweep.
 */
export function experimentOf({ id, kind, swept }: ShownSweep, ofPoint: Experiment): Experiment | null {
  const command = SWEEP_COMMANDS.find((one) => one === kind)
  if (!command) return null
  const texts = swept.map(({ key, values }) => [
    key,
    values.length > 1 ? values.join() : `${values[0]},${values[0]}`,
  ])
  const document = { ...ofPoint, sweep: { command, swept: Object.fromEntries(texts) } }
  try {
    return screenSweep(document).id === id ? document : null
  } catch {
    // Of another version of the program, whose settings are others now.
    return null
  }
}
