import { InputError, messageOf } from '../../shared/base/errors'
import type { JobEvent, JobReply, PreparedJob } from '../../shared/protocol/jobs'
import type { ErrorDetail } from '../../shared/protocol/protocol'
import { refusedKernel } from './backend/kernels'
import { BeyondPoolError } from './engine/memory'
import { outOfMemory } from './engine/out-of-memory'
import { runJob, type Workplace } from './jobs'

/** How a job ended; `beyond-pool`: it has not begun, since TensorFlow's pool of memory is too small for it. */
export type Outcome =
  { type: 'reply'; value: JobReply } | { type: 'error'; error: ErrorDetail } | { type: 'beyond-pool' }

/**
 * One job from its start to its reply, whatever thread or page it runs in: what it computes on, its folder, and whom it
 * tells are given. Never throws.
 */
export async function outcomeOf(job: PreparedJob, at: Workplace<JobEvent>): Promise<Outcome> {
  const started = performance.now()
  try {
    const result = await runJob(job, at)
    return { type: 'reply', value: { ...result, seconds: (performance.now() - started) / 1000 } }
  } catch (error) {
    if (error instanceof BeyondPoolError) return { type: 'beyond-pool' }
    return { type: 'error', error: describe(error, job, at) }
  }
}

function describe(error: unknown, job: PreparedJob, { backend }: Workplace<JobEvent>): ErrorDetail {
  const message = messageOf(error)
  if (error instanceof InputError) return { message, reason: 'input' }
  const full = outOfMemory(message, job.experiment, backend.gpuMemory?.() ?? null)
  if (full) return { message: full, reason: 'failed' }
  const refused = refusedKernel(message, backend.device.description)
  if (refused) return { message: refused, reason: 'input' }
  const hint = /allocat|memory/i.test(message)
    ? 'Lower the depth, the width, the batch or the replicas.'
    : 'Try again; if it happens again, please report it with the experiment file.'
  return { message: `The measurement failed: ${message.split('\n')[0]} ${hint}`, reason: 'failed' }
}
