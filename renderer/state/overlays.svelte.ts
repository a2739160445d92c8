import { SvelteMap } from 'svelte/reactivity'
import { readRun, type SeriesReading, type Values } from '../../shared/runs/readings'
import type { RunEntry } from '../../shared/runs/run'
import { appearanceOf, type Appearance } from '../../shared/charts/appearance'
import type { Curve, Statistic } from '../../shared/charts/curves'
import type { LineSeries } from '../../shared/charts/line-chart'
import type { RunsState } from './runs.svelte'

/** One curve of a pinned run in a chart of the same quantity. */
export interface OverlaidCurve {
  run: RunEntry
  series: SeriesReading
  values: Values
  /** "fern-12: Type 2 + batch norm". */
  label: string
}

/** Pinned runs that are drawn, thin, into every chart of what they have measured. */
export class Overlays {
  /** Ids; what is pinned no longer is not drawn either. */
  #chosen = $state.raw<readonly string[]>([])
  readonly #readings = new SvelteMap<string, readonly SeriesReading[]>()

  constructor(private readonly runs: RunsState) {}

  #drawn = $derived.by(() => this.runs.pinned.filter(({ id }) => this.#chosen.includes(id)))
  get drawn(): readonly RunEntry[] {
    return this.#drawn
  }

  isDrawn(id: string): boolean {
    return this.#chosen.includes(id)
  }

  /** Draws a pinned run, or takes it away. */
  async toggle(run: RunEntry): Promise<void> {
    if (this.isDrawn(run.id)) return this.take(run.id)
    this.#chosen = [...this.#chosen, run.id]
    try {
      this.#readings.set(run.id, readRun(await this.runs.open(run.id)))
    } catch (error) {
      this.take(run.id)
      this.runs.announce(`${run.name} cannot be drawn: ${(error as Error).message}`)
    }
  }

  /** Out of every chart; it stays pinned. */
  take(id: string): void {
    this.#chosen = this.#chosen.filter((one) => one !== id)
  }

  /** All of them. */
  clear(): void {
    this.#chosen = []
  }

  /**
   * What the drawn runs have of one metric, see shared/runs/metrics.ts.
   * @param but a run that the chart shows anyway
   */
  curves(metric: string, but: string | null = null): OverlaidCurve[] {
    return this.#drawn.flatMap((run) => {
      if (run.id === but) return []
      const series = this.#readings.get(run.id) ?? []
      return series.flatMap((one) => {
        const values = one.curves[metric]
        return values ? [{ run, series: one, values, label: `${run.name}: ${one.name}` }] : []
      })
    })
  }
}

/**
 * As a chart of lines draws it: thin, in its remedy's colour, named in the legend of runs.
 * @param factor of the chart's values: 100 where shares are drawn in per cent
 */
export const overlayLine = (
  { series, values, label }: OverlaidCurve,
  { factor = 1, statistic = 'mean' }: { factor?: number; statistic?: Statistic } = {},
): LineSeries => ({
  id: `run:${series.key}`,
  label,
  appearance: overlayLook(series),
  thin: true,
  points: (values[statistic] ?? values.mean).map((y, i) => ({ x: values.x[i], y: factor * y })),
})

/** One for each series, however many of a view's charts draw it: what its legend names. */
export const distinctOverlays = (curves: readonly OverlaidCurve[]): OverlaidCurve[] =>
  curves.filter(({ series }, i) => curves.findIndex((one) => one.series.key === series.key) === i)

/** As a chart of the signal draws it. */
export function overlayCurve({ series, values, label }: OverlaidCurve): Curve {
  const mean = [...values.mean]
  return {
    ...{ id: `run:${series.key}`, label, appearance: overlayLook(series), thin: true, hidden: false },
    summary: { mean, median: values.median ? [...values.median] : mean, low: mean, high: mean },
    theory: null,
  }
}

/** A network looks the same in every run; a thin line says that it is of another one. Plain networks are hollow. */
export function overlayLook({ settings }: SeriesReading): Appearance {
  const block = String(settings.skip)
  return { ...appearanceOf({ block, remedy: String(settings.remedy) }, ['on', 'off']), width: 1 }
}
