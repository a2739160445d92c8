#!/usr/bin/env node
// npm run dev: the workbench in the browser with the real trainer, made of the sources while they are worked on.
// A change of the page is exchanged in the open page; a change of what runs outside it (main/, shared/) starts the
// host and its trainer again, at the same address. Requests pass the product's own guard: Vite answers behind it.
import { EventEmitter } from 'node:events'
import { realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { SetupError, root, say, setUp } from './setup.mjs'

/** Not the product's own build, which stays as it is. */
const outDir = join(root, '.cache', 'dev')
const host = join(outDir, 'dev.cjs')
const require = createRequire(import.meta.url)

/** The port that --port names; 0, a free one, if none is named. */
function wantedPort() {
  try {
    const { port } = parseArgs({ options: { port: { type: 'string', default: '0' } } }).values
    if (/^\d+$/.test(port) && Number(port) <= 65535) return Number(port)
  } catch {
    // Said below.
  }
  say(
    'npm run dev -- --port P is all that can be said here: P is a whole number from 0 to 65535 (0: a free one).',
  )
  process.exit(2)
}

/** The page's sources, transformed one by one as the browser asks for them. */
async function livePage(config) {
  const { createServer, mergeConfig } = await import('vite')
  // Vite listens on it as on a server; what comes here has passed the guard.
  const upgrades = new EventEmitter()
  const vite = await createServer(
    mergeConfig(config, {
      configFile: false,
      appType: 'spa',
      cacheDir: join(root, '.cache', 'vite'),
      logLevel: 'warn',
      server: {
        middlewareMode: true,
        cors: false,
        ws: { server: upgrades },
        fs: { allow: ['renderer', 'shared', 'node_modules'].map((name) => realpathSync(join(root, name))) },
      },
    }),
  )
  return {
    close: () => vite.close(),
    respond: (request, response, absent) => vite.middlewares(request, response, absent),
    upgrade: (request, socket, head) => void upgrades.emit('upgrade', request, socket, head),
  }
}

/** Bundles what runs outside the page, again after each change. @param onBuilt after each bundle without errors */
async function watchPrograms(config, onBuilt) {
  const { build, mergeConfig } = await import('vite')
  const { trainer, worker, theory, 'webgpu-report': webgpuReport } = config.build.rolldownOptions.input
  config.build.rolldownOptions.input = {
    dev: join(root, 'main/hosts/browser/dev.ts'),
    trainer,
    worker,
    theory,
    'webgpu-report': webgpuReport,
  }
  const watcher = await build(
    mergeConfig(config, {
      configFile: false,
      logLevel: 'warn',
      build: { outDir, emptyOutDir: true, watch: {} },
    }),
  )
  watcher.on('event', (event) => {
    if (event.code === 'BUNDLE_END') onBuilt()
    if (event.code === 'ERROR') say(`${event.error.message}\nWaiting for the change that mends it.`)
    if ('result' in event) event.result?.close()
  })
  return watcher
}

/** The host's code as it is on disk now; Node keeps what it has loaded. */
function freshHost() {
  for (const file of Object.keys(require.cache)) if (file.startsWith(outDir + sep)) delete require.cache[file]
  return require(host)
}

async function main() {
  const port = wantedPort()
  await setUp({ built: false })
  const { loadConfigFromFile, MainConfigFactory, RendererConfigFactory } = await import('electron-vite')
  const configFile = join(root, 'electron.vite.config.ts')
  const environment = { command: 'serve', mode: 'development' }
  const { config } = await loadConfigFromFile(environment, configFile, root, 'warn')
  const inline = { mode: 'development' }
  const programs = await new MainConfigFactory(config.main, inline, { root }).build()
  const page = await livePage(await new RendererConfigFactory(config.renderer, inline, { root }).build())

  let served
  let last = Promise.resolve()
  /** One after the other: a change may come while the host of the last one is still starting. */
  const restart = () => (last = last.then(start).catch((error) => say(error?.stack ?? String(error))))
  async function start() {
    const before = served
    await before?.close()
    const { serve, trainerPrinter } = freshHost()
    served = await serve({
      page,
      port: before?.port ?? port,
      keys: before?.keys,
      onTrainer: trainerPrinter(process.stderr),
      onOpened: (next) => say(`Opened. In another browser it opens, once, at ${next}`),
    })
    if (before) return say('Built anew: the host and its trainer have started again.')
    say(`Residual Lab is at ${served.url}`)
    say(
      'The page follows changes of renderer/ and shared/; host and trainer start again after changes of ' +
        'main/ and shared/.',
    )
    say('Only this computer can reach it, and this address opens it once. Stop it with Ctrl+C.')
  }
  const watcher = await watchPrograms(programs, restart)

  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve)
  })
  await watcher.close()
  await last
  await served?.close()
  await page.close()
}

try {
  await main()
  process.exit(0)
} catch (error) {
  say(error instanceof SetupError ? error.message : (error?.stack ?? String(error)))
  process.exit(1)
}
