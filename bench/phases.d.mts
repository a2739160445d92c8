/** What the time of a measurement goes into, in words, by the name of the phase. */
export const PHASES: Record<'plan' | 'record' | 'forward' | 'backward' | 'theory', string>

/** Milliseconds of each phase; null where the events do not say it. */
export function phasesOf(answer: {
  events: readonly { time: number; event: { type: string; [key: string]: unknown } }[]
  whole: number
}): Record<keyof typeof PHASES, number> | null
