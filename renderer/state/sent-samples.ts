import { formatBytes } from '../../shared/base/format'
import { valuesOf, type DataDescription } from '../../shared/data/description'
import { mostSamples, type PartName, type SampleSlice } from '../../shared/data/slice'
import type { NeededSamples } from '../../shared/data/some-samples'
import type { Connection } from '../base/connection'
import type { Compute } from '../compute/compute'
import { pageJob } from './parts'
import type { TaskRun } from './task.svelte'

/** What the page takes of samples, as float32; bytes. */
const MOST_SENT_BYTES = 2 ** 28

/**
 * Has the host send samples that it alone has, and the page's worker hold them for the tasks that follow.
 * @throws Error where they are more than a page should hold; RequestError, Ended
 */
export async function sendSamples(
  run: TaskRun,
  connection: Connection,
  compute: Compute,
  { description, needed }: { description: DataDescription; needed: readonly NeededSamples[] },
): Promise<void> {
  const values = valuesOf(description)
  const bytes = 4 * values * needed.reduce((sum, { indices }) => sum + indices.length, 0)
  if (bytes > MOST_SENT_BYTES) {
    const [of, most] = [formatBytes(bytes), formatBytes(MOST_SENT_BYTES)]
    const what = `${of} of samples of ${description.title} are needed, and the page takes ${most} at most`
    throw new Error(`${what}. Measure this with the command line.`)
  }
  const slices: { part: PartName; slice: SampleSlice }[] = []
  const each = mostSamples(values)
  for (const { part, indices } of needed) {
    for (let from = 0; from < indices.length; from += each) {
      const some = [...indices.subarray(from, from + each)]
      const { name, sha256 } = description
      const request = { type: 'data.samplesAt', data: name, sha256, part, indices: some } as const
      const slice = await run.part(() => {
        return { result: connection.request<'data.samplesAt'>(request), end: () => {} }
      })
      slices.push({ part, slice })
    }
  }
  await pageJob(run, compute, 'holdSamples', { description, slices })
}
