import type { Experiment } from '../../shared/settings/experiment'

/** One line below the controls: which networks the charts show. */
export function networksText({ seed, replicas }: Experiment): string {
  return `Seed ${seed}, ${replicas} ${replicas === 1 ? 'network' : 'networks'} a curve`
}

/** What to do about charts that show other settings than the controls. */
export const STALE_TEXT = 'Settings have changed: press Play.'
