import * as fs from 'node:fs/promises'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import type { Context } from './context'
import { download, sha256 } from './download'
import { locate } from './locate'
import { byteProgress } from './progress'
import type { Official } from './sources'
import { disk, finish, roomFor } from './staging'
import { layout } from './store'
import { runTool } from './tools'
import { AGAIN, RuntimeError, isAbort, reason, type TensorFlowLibrary } from './types'

/** The library as its makers offer it. @throws RuntimeError if it cannot be had, or is not what it should be */
export async function fromOfficial(
  context: Context,
  official: Official,
  staging: string,
): Promise<TensorFlowLibrary> {
  const { downloads } = layout(context.cacheFolder)
  const archive = path.join(downloads, path.basename(official.path))
  const message = `Downloading libtensorflow ${official.version}`
  context.onProgress({ stage: 'locating', message: 'Asking for the official download' })
  await roomFor(context, official.unpackedBytes * 1.3)
  const report = (done: number, total: number) => {
    watch ??= byteProgress(context.onProgress, 'downloading', message, total)
    watch(done)
  }
  let watch: ((done: number) => void) | undefined
  try {
    await download(new URL(official.path, storage(context)).href, archive, {
      signal: context.signal,
      onBytes: report,
    })
  } catch (error) {
    if (isAbort(error)) throw error
    throw new RuntimeError(
      `The official download of libtensorflow ${official.version} could not be had: ${reason(error)}.`,
      `Connect to the network, then ${AGAIN}.`,
      { cause: error },
    )
  }
  if ((await sha256(archive)) !== official.sha256) {
    await fs.rm(archive, { force: true })
    throw new RuntimeError(
      `The downloaded ${path.basename(archive)} does not have the expected checksum, so it is not used.`,
      `Once more may do: ${AGAIN}. If it recurs, a proxy alters downloads.`,
    )
  }
  context.onProgress({ stage: 'unpacking', message: 'Unpacking libtensorflow' })
  const { code, output } = await runTool('tar', ['-xzf', archive, '-C', staging], {
    env: context.env,
    signal: context.signal,
  })
  if (code !== 0) throw await disk(context, new Error(output.trim()), official.unpackedBytes)
  const library = await finish(context, staging, locate(staging), 'official')
  await fs.rm(archive, { force: true })
  return library
}

/** Where @tensorflow/tfjs-node-gpu downloads from, by its own words and its own environment variable. */
function storage(context: Context): string {
  const own = context.env.TFJS_NODE_CDN_STORAGE
  if (own) return own.endsWith('/') ? own : `${own}/`
  const manifest = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/package.json') as {
    binary: { host: string }
  }
  return new URL('/', manifest.binary.host).href
}
