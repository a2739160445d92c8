import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import { makeContext, type Context, type RuntimeOptions } from './context'
import { locate } from './locate'
import { ROOM_FOR_BINDING, exclusively, finish, roomFor } from './staging'
import type { TensorFlowLibrary } from './types'

/** Uses an installation the user names. Its files stay where they are; only the binding is the lab's own. */
export async function use(given: string, options: RuntimeOptions): Promise<TensorFlowLibrary> {
  const context = makeContext(options)
  context.onProgress({ stage: 'locating', message: `Looking for TensorFlow in ${given}` })
  locate(given)
  return exclusively(context, (staging) => link(context, given, staging))
}

/** Stages links to the user’s files. @throws RuntimeError if there is no library, or it does not compute */
export async function link(context: Context, given: string, staging: string): Promise<TensorFlowLibrary> {
  const found = locate(given)
  await roomFor(context, ROOM_FOR_BINDING)
  await fs.mkdir(path.join(staging, 'lib'), { recursive: true })
  for (const name of found.libraries) {
    await fs.symlink(path.join(found.libraryFolder, name), path.join(staging, 'lib', name))
  }
  return finish(context, staging, found, 'user')
}
