import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { build, preview } from 'vite'
import { withLock } from '../../bin/lib/lock.mjs'
import { root, sourceStamp } from '../../bin/setup.mjs'

const configFile = path.join(import.meta.dirname, 'vite.config.ts')
const options = { configFile, logLevel: 'error' as const }
const builds = path.join(root, '.cache', 'stand-in')
const DAY_MS = 24 * 60 * 60 * 1000

/** The page in front of the stand-in host, built from the sources as they are, at an address of its own. */
export async function standInServer(): Promise<{ url: string; close(): Promise<void> }> {
  const server = await preview({
    ...options,
    build: { outDir: await builtPage() },
    preview: { port: 0, strictPort: false },
  })
  return { url: server.resolvedUrls!.local[0], close: () => server.close() }
}

/** The page of these sources is built by the first who asks; the test files beside it take the same. @returns where */
async function builtPage(): Promise<string> {
  const config = createHash('sha256').update(fs.readFileSync(configFile)).digest('hex')
  const outDir = path.join(builds, `${sourceStamp(root).slice(0, 16)}-${config.slice(0, 8)}`)
  await withLock(`${outDir}.lock`, async () => {
    if (fs.existsSync(outDir)) return
    removeOld()
    const unfinished = `${outDir}.part`
    await build({ ...options, build: { outDir: unfinished } })
    fs.renameSync(unfinished, outDir)
  })
  return outDir
}

/** Pages of sources that are gone; a recent one may still be served by other tests. */
function removeOld(): void {
  for (const name of fs.readdirSync(builds)) {
    const folder = path.join(builds, name)
    if (fs.statSync(folder).mtimeMs < Date.now() - DAY_MS) fs.rmSync(folder, { recursive: true, force: true })
  }
}
