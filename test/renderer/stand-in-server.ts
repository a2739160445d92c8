import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, preview } from 'vite'

/** The page in front of the stand-in host, built as it is now, at an address of its own. */
export async function standInServer(): Promise<{ url: string; close(): Promise<void> }> {
  const outDir = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-stand-in-'))
  const config = {
    configFile: fileURLToPath(new URL('./vite.config.ts', import.meta.url)),
    build: { outDir },
    preview: { port: 0, strictPort: false },
    logLevel: 'error' as const,
  }
  await build(config)
  const server = await preview(config)
  return {
    url: server.resolvedUrls!.local[0],
    async close() {
      await server.close()
      fs.rmSync(outDir, { recursive: true, force: true })
    },
  }
}
