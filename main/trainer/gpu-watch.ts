import type { DeviceStatus } from '../../shared/protocol/protocol'
import type { GpuUse, WholeGpuUse } from '../../shared/runs/computed'
import { gpuUse } from './backend/device'
import type { GpuWatch } from './queue'

/** Milliseconds between an answer and the next question: nvidia-smi takes a good part of a second of one core. */
const EVERY = 2000

/** Whether a device is one that NVIDIA's tools tell of: WebGPU says of no GPU how busy it is. */
const isTold = ({ backend, name }: DeviceStatus): boolean => backend === 'tensorflow' && name !== 'CPU'

/**
 * Watches the NVIDIA GPU that a job computes on, in the thread that computes nothing; null: it computes on none. The
 * first reading comes a while after the start, so that it says nothing of the time before.
 * @param isPaused whether the job waits: what the GPU does meanwhile is not its doing
 */
export function watchGpu(
  device: DeviceStatus,
  isPaused: () => boolean,
  read: (signal: AbortSignal) => Promise<GpuUse | null> = gpuUse,
  every = EVERY,
): GpuWatch | null {
  if (!isTold(device)) return null
  const ended = new AbortController()
  let last: GpuUse | null = null
  const whole: WholeGpuUse = { busy: 0, bytes: 0, total: 0, readings: 0 }

  async function look(): Promise<void> {
    const now = isPaused() ? null : await read(ended.signal).catch(() => null)
    if (ended.signal.aborted) return
    last = now
    if (now) {
      whole.busy = (whole.busy * whole.readings + now.busy) / (whole.readings + 1)
      whole.bytes = Math.max(whole.bytes, now.bytes)
      whole.total = now.total
      whole.readings++
    }
    wait()
  }

  let timer: NodeJS.Timeout
  function wait(): void {
    timer = setTimeout(() => void look(), every)
    timer.unref()
  }
  wait()

  return {
    get last() {
      return last
    },
    end() {
      clearTimeout(timer)
      ended.abort()
      return whole.readings ? whole : null
    },
  }
}
