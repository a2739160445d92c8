import type { AxisKind } from '../../shared/charts/axis'
import type { Scale, Statistic } from '../../shared/charts/curves'
import { TAB_IDS, type TabId } from '../../shared/protocol/tabs'
import { LONGEST_PROSE, LONGEST_TITLE } from '../../shared/report/report'

export type ForwardQuantity = 'q' | 'v' | 'm'
export type ThemeChoice = 'system' | 'light' | 'dark'

/** Trained networks of a kept run on a line between two samples, as the workspace remembers them: not yet checked. */
export interface KeptLine {
  /** Its id. */
  run: string
  line: Record<string, unknown>
  settings: Record<string, unknown>
  /** After how many updates; absent in older workspaces: the last. */
  steps?: unknown[]
}

/** How things are shown; saved with the workspace, no part of the experiment. */
export interface ViewDocument {
  tab: TabId
  quantity: ForwardQuantity
  statistic: Statistic
  axis: AxisKind
  scale: Scale
  bands: boolean
  theory: boolean
  table: boolean
  theme: ThemeChoice
  /** Whether what is measured and trained is kept in the library of runs. */
  keepsRuns: boolean
  /** What stands in the next report before its runs; the words on a run are its note. */
  reportTitle: string
  reportProse: string
  /** What the Shatter view looks at in place of drawn networks. */
  shatterRun: KeptLine | null
}

/** The words among them, and how long they may be. */
const TEXTS = { reportTitle: LONGEST_TITLE, reportProse: LONGEST_PROSE } as const

const CHOICES: {
  [K in Exclude<keyof ViewDocument, keyof typeof TEXTS | 'shatterRun'>]: readonly ViewDocument[K][]
} = {
  tab: TAB_IDS,
  quantity: ['q', 'v', 'm'],
  statistic: ['mean', 'median'],
  axis: ['log2', 'log10', 'linear'],
  scale: ['run', 'block', 'all'],
  bands: [true, false],
  theory: [true, false],
  table: [false, true],
  theme: ['system', 'light', 'dark'],
  keepsRuns: [true, false],
}

/** The first of each setting's choices is its default; what a saved document has beyond them is ignored. */
export function parseView(value: unknown): ViewDocument {
  const given = isObject(value) ? value : {}
  const entries = Object.entries(CHOICES).map(([key, choices]) => {
    const known = (choices as readonly unknown[]).includes(given[key])
    return [key, known ? given[key] : choices[0]]
  })
  const texts = Object.entries(TEXTS).map(([key, longest]) => {
    const text = given[key]
    return [key, typeof text === 'string' ? text.slice(0, longest) : '']
  })
  const shatterRun = keptLine(given.shatterRun)
  return { ...Object.fromEntries([...entries, ...texts]), shatterRun } as unknown as ViewDocument
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function keptLine(value: unknown): KeptLine | null {
  if (!isObject(value)) return null
  const { run, line, settings, steps } = value
  if (typeof run !== 'string' || !isObject(line) || !isObject(settings)) return null
  return { run, line, settings, ...(Array.isArray(steps) ? { steps } : {}) }
}

export class ViewSettings {
  #document = $state.raw(parseView(null))
  /** Selected block k; clamped to the depth where it is used. */
  block = $state(10)
  /** Selected series, by its id (see `seriesId`). */
  series = $state<string | null>(null)
  /** Block under the pointer, in any chart. */
  hovered = $state<number | null>(null)
  /** Visible part of the depth axis, shared by both charts; null shows all. */
  depthRange = $state.raw<{ min: number; max: number } | null>(null)
  hidden = $state.raw<readonly string[]>([])
  /** Remedy whose chip is hovered: the block's picture shows it. */
  previewedRemedy = $state<string | null>(null)

  get document(): ViewDocument {
    return this.#document
  }

  set<K extends keyof ViewDocument>(key: K, value: ViewDocument[K]): void {
    this.#document = { ...this.#document, [key]: value }
  }

  open(value: unknown): void {
    this.#document = parseView(value)
  }

  toggleHidden(id: string): void {
    this.hidden = this.hidden.includes(id)
      ? this.hidden.filter((other) => other !== id)
      : [...this.hidden, id]
  }
}

/** "relu-linear/none": names a series across runs. */
export function seriesId(series: { block: string; remedy: string }): string {
  return `${series.block}/${series.remedy}`
}
