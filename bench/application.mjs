/**
 * What TensorFlow's pool of memory is worth within Electron (main/trainer/backend/pool.ts): the trainer's answers with
 * it and without, in one real Electron.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findElectron } from '../bin/lib/electron.mjs'
import { testElectron } from '../bin/lib/test-electron.mjs'
import { built } from './build.mjs'
import { median } from './report.mjs'
import { root } from './trainer.mjs'

const ASKED = ['one', 'opening', 'resnet20']

/**
 * From the request to the reply, for a trainer with the pool and one without, in turns, in one real Electron (that of
 * `npm start`, else the one that tests use), each question asked once before. Needs a screen or xvfb-run. Never throws.
 * @returns Electron's version, the device, and for each question the median milliseconds with the pool (`pool`) and
 *   without (`none`); or `missing`: why nothing was measured
 */
export async function measureApplication({ say, library, rounds }) {
  say('In the application…')
  try {
    return await measure(library, rounds)
  } catch (error) {
    const [missing] = error.message.split('\n')
    say(`Not measured: ${error.message}`)
    return { missing }
  }
}

async function measure(library, rounds) {
  if (process.platform !== 'linux') throw new Error('the pool is for Linux alone')
  if (!library) throw new Error('there is no library of TensorFlow')
  const { questions } = await import(pathToFileURL(await built('questions')).href)
  const asked = questions().filter(({ id }) => ASKED.includes(id))
  const executable = findElectron(root) ?? join((await testElectron()).dist, 'electron')
  const plan = {
    trainer: join(root, 'out', 'main', 'trainer.cjs'),
    library,
    bodies: asked.map(({ id, body }) => [id, body]),
    rounds,
  }
  const electron = [executable, '--no-sandbox', '--disable-gpu', join(root, 'bench', 'application')]
  const line = process.env.DISPLAY ? electron : ['xvfb-run', '-a', ...electron]
  const output = await run(line, { ...process.env, RESIDUAL_LAB_BENCH: JSON.stringify(plan) })
  const found = /^RESULT (.*)$/m.exec(output)
  if (!found) throw new Error(`Electron has measured nothing\n${output}`)
  const { electron: version, device, times } = JSON.parse(found[1])
  const rows = asked.map(({ id, title }) => {
    const [pool, none] = [median(times[id].pool), median(times[id].none)]
    return { id, title, pool, none }
  })
  return { electron: version, device, rounds, rows }
}

function run([command, ...args], env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', () => resolve(output))
  })
}
