import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { build } from 'vite'
import { beforeAll, describe, expect, test } from 'vitest'
import { installRuntime } from '../../main/runtime'
import { isAlive, temporary } from './fakes'
import { surroundings } from './surroundings'

// A signal during an installation: no pip goes on, none of its children, and nothing half made is left.

let bundle: string
beforeAll(async () => {
  bundle = temporary()
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: path.join(import.meta.dirname, 'programs/install.ts'), outDir: bundle, target: 'node20' },
    ssr: { noExternal: true },
  })
})

/** An installation whose pip has a child that does not end when it is asked to. */
async function downloading(kind: 'command' | 'ensure') {
  const folder = temporary()
  const child = spawn(process.execPath, [path.join(bundle, 'install.mjs'), kind, folder, 'family'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (text) => (stderr += text))
  const log = path.join(folder, 'log')
  const pids = () =>
    /^(\d+) (\d+)$/m
      .exec(fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '')
      ?.slice(1)
      .map(Number)
  await expect.poll(pids, { timeout: 20_000 }).toBeDefined()
  return { child, pids: pids()!, runtime: path.join(folder, 'cache/runtime'), said: () => stderr }
}

const left = (runtime: string) => ({
  half: fs.readdirSync(runtime).filter((name) => name.startsWith('tmp-') || name.startsWith('lib-')),
  downloads: fs.readdirSync(path.join(runtime, 'downloads')),
})

describe.skipIf(process.platform === 'win32').each(['command', 'ensure'] as const)('in %s', (kind) => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('%s', async (signal, code) => {
    const { child, pids, runtime, said } = await downloading(kind)
    expect(pids.map(isAlive)).toEqual([true, true])
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([code, null])
    await expect.poll(() => pids.map(isAlive)).toEqual([false, false])
    expect(left(runtime)).toEqual({ half: [], downloads: [] })
    if (kind === 'command')
      expect(said()).toMatch(
        /\nStopped\. What was installed before is untouched; the same command goes on\.\n$/,
      )
  })

  test('twice: at once', async () => {
    const { child, pids, runtime } = await downloading(kind)
    child.kill('SIGINT')
    const again = setInterval(() => child.kill('SIGINT'), 100)
    const start = performance.now()
    expect(await once(child, 'exit')).toEqual([130, null])
    clearInterval(again)
    // Once, it waits two seconds for pip’s child, which does not end when it is asked to.
    expect(performance.now() - start).toBeLessThan(2000)
    await expect.poll(() => pids.map(isAlive)).toEqual([false, false])
    expect(left(runtime)).toEqual({ half: [], downloads: [] })
  })
})

test('what a killed installation left is removed by the next', async () => {
  const { child, pids, runtime } = await downloading('command')
  child.kill('SIGKILL')
  await once(child, 'exit')
  pids.forEach((pid) => process.kill(pid, 'SIGKILL'))
  expect(left(runtime).downloads).toHaveLength(1)
  await installRuntime(surroundings(path.join(runtime, '../..')).options())
  expect(left(runtime)).toEqual({ half: [expect.stringMatching(/^lib-/)], downloads: [] })
})
