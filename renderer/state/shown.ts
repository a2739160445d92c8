import type { Experiment } from '../../shared/settings/experiment'

/**
 * What the charts show of a training run, whatever the controls say by now; null for a measurement, which is what the
 * controls say.
 */
export function trainingText(kind: 'signal' | 'train', shown: Experiment | null): string | null {
  if (kind === 'signal' || !shown) return null
  return `Training on MNIST-1D behind a linear stem, n = ${shown.replicas}; theory: at initialisation`
}

/** One line below the controls: which networks the charts show. */
export function networksText(kind: 'signal' | 'train', shown: Experiment): string {
  const { seed, replicas } = shown
  const what = kind === 'train' ? 'Trained: seed' : 'Seed'
  return `${what} ${seed}, ${replicas} ${replicas === 1 ? 'network' : 'networks'} a curve`
}

/** What to do about charts that show other settings than the controls. */
export function staleText(kind: 'signal' | 'train'): string {
  return kind === 'train'
    ? 'Settings have changed: press Train or Play.'
    : 'Settings have changed: press Play.'
}
