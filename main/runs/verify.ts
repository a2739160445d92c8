import { version } from '../../package.json'
import { InputError } from '../../shared/base/errors'
import { isJob, type JobBody, type JobReply } from '../../shared/protocol/jobs'
import { decodeMessage, encodeMessage } from '../../shared/protocol/transport'
import { networksOf } from '../../shared/runs/summary'
import { verify, type Verification } from '../../shared/runs/verification'
import type { RunLibrary } from './library'

/** Does a job again. @returns its device in words, and its reply */
type Again = (body: JobBody) => Promise<{ device: string; result: JobReply }>

/**
 * Does a run again on this machine, and holds the one against the other.
 * @throws InputError where it has nothing to be held against; what doing it again throws
 */
export async function verifyRun(library: RunLibrary, id: string, again: Again): Promise<Verification> {
  const { entry, experiment, result } = library.open(id)
  const body = { ...library.request(id), type: entry.kind, experiment: { ...experiment } }
  if (!isJob(body))
    throw new InputError(
      'run',
      `runs of ${entry.kind} are put together by their view`,
      'Open it, and measure again.',
    )
  if (result === null) throw new InputError('run', `"${id}" has no result yet`, 'Go on with it first.')
  const now = await again(body)
  if (!now.result.finished) throw new Error('It was stopped before it was done again.')
  return verify(
    entry.kind,
    networksOf(entry.kind, experiment),
    { result, device: entry.device, version: entry.version },
    // What is on the disk has been text.
    { result: decodeMessage(encodeMessage(now.result)), device: now.device, version },
  )
}
