import { InputError } from '../../shared/base/errors'
import { Compute, type Argument, type Result } from './compute'

/** Whatever the workbench saves is read in a small part of it. Milliseconds. */
const LIMIT = 2000

/**
 * Reads what others have made, in a worker that is ended where it takes too long: whatever is in a link or a file, the
 * page goes on.
 * @param where it comes from, for messages
 * @throws Error that says what is wrong with it
 */
export async function readUntrusted<N extends 'opened' | 'sharedBlock'>(
  name: N,
  argument: Argument<N>,
  where: string,
  limit = LIMIT,
): Promise<Result<N>> {
  const compute = new Compute()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    const what = `it took longer than ${limit / 1000} s to read`
    const hint = 'Nothing that Residual Lab saves does: do not trust whoever made it.'
    timer = setTimeout(() => reject(new InputError(where, what, hint)), limit)
  })
  const read = compute.run(name, argument)
  // Ended by the limit: then nobody waits for it.
  read.catch(() => {})
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
    compute.close()
  }
}
