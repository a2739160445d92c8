import type { RunEntry } from '../../shared/runs/run'

/** "23:04" of today, "27 Nov, 23:04" of this year, "27 Nov 2025" of another. */
export function whenText(iso: string, now = new Date()): string {
  const then = new Date(iso)
  const time = then.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
  if (then.toDateString() === now.toDateString()) return time
  const day = then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
  return then.getFullYear() === now.getFullYear() ? `${day}, ${time}` : `${day} ${then.getFullYear()}`
}

/** "fern-12, 23:04": what a chart says of the run that it shows. */
export const runCaption = ({ name, created }: Pick<RunEntry, 'name' | 'created'>): string =>
  `${name}, ${whenText(created)}`

export const KIND_WORDS: Readonly<Record<RunEntry['kind'], string>> = {
  signal: 'signal',
  shatter: 'shattered gradients',
  regions: 'linear regions',
  lesion: 'lesions',
  paths: 'paths',
  order: 'orderings',
  train: 'training',
  depth: 'depth',
}

export const STATE_WORDS: Readonly<Record<RunEntry['state'], string>> = {
  running: 'running',
  finished: 'finished',
  stopped: 'stopped',
  interrupted: 'interrupted',
}
