import type { ProgressEvent } from '../../shared/protocol/protocol'
import { RequestError } from '../base/connection'

/** What the components of the gallery are given. */

const progress: ProgressEvent = {
  type: 'progress',
  message: 'Measuring, block 12 of 20',
  done: 12,
  total: 20,
  rate: 480,
  unit: 'blocks',
  secondsLeft: 14,
}
const nothing = {
  status: 'idle' as const,
  isRunning: false,
  progress: null,
  error: null,
  outcome: null,
  stop: () => {},
}

export const idleTask = nothing
export const TASKS = [
  { state: 'idle', task: nothing },
  { state: 'idle, disabled', task: nothing, disabled: true },
  { state: 'waiting for the trainer', task: { ...nothing, status: 'running' as const, isRunning: true } },
  { state: 'running', task: { ...nothing, status: 'running' as const, isRunning: true, progress } },
  { state: 'finished', task: { ...nothing, outcome: { finished: true, seconds: 83 } } },
  { state: 'stopped', task: { ...nothing, outcome: { finished: false, seconds: 4.2 } } },
  { state: 'older settings', task: { ...nothing, outcome: { finished: true, seconds: 4.2 } }, isStale: true },
  {
    state: 'failed',
    task: { ...nothing, status: 'failed' as const, error: new Error('There is not enough memory.') },
  },
  {
    state: 'failed: bad input',
    task: {
      ...nothing,
      status: 'failed' as const,
      error: new RequestError({ message: 'blocks: give a whole number from 1 to 1000.', reason: 'input' }),
    },
  },
  {
    state: 'interrupted',
    task: {
      ...nothing,
      status: 'interrupted' as const,
      error: new RequestError({ message: 'The trainer is being restarted.', reason: 'interrupted' }),
    },
  },
]

/** Counts of a bell with mean and spread in bins. */
export const bell = (mean: number, spread: number): number[] =>
  Array.from({ length: 64 }, (_, i) => Math.round(1e4 * Math.exp(-(((i - mean) / spread) ** 2) / 2)))

export const SCALES = [
  { value: 'log', label: 'log₂', definition: 'Powers of two at equal distances.' },
  { value: 'linear', label: 'linear', definition: 'Values at equal distances.' },
  { value: 'both', label: 'both', definition: 'One over the other.' },
] as const
