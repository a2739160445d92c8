import type { LinkState } from '../base/connection'
import type { Experiment } from '../../shared/settings/experiment'

/** One line below the controls: which networks the charts show. */
export function networksText({ seed, replicas }: Experiment): string {
  return `Seed ${seed}, ${replicas} ${replicas === 1 ? 'network' : 'networks'} a curve`
}

/** What to do about charts that show other settings than the controls. */
export const STALE_TEXT = 'Settings have changed: press Play.'

const STATUS_WORDS = {
  idle: 'Ready',
  measuring: 'Measuring',
  training: 'Training',
  paused: 'Paused',
  interrupted: 'Interrupted',
  failed: 'Failed',
}

interface ShownRun {
  readonly status: keyof typeof STATUS_WORDS
  /** Null: there is nothing to show yet. */
  readonly started: unknown
  readonly finished: boolean
}

/** The state of a run that can be paused, in one word for its bar. */
export function statusWord(link: LinkState, { status, started, finished }: ShownRun): string {
  if (link !== 'open') return link === 'connecting' ? 'Connecting' : 'Reconnecting'
  if (status === 'idle' && started) return finished ? 'Finished' : 'Stopped'
  return STATUS_WORDS[status]
}
