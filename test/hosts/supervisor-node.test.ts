import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { nodeTrainer, startAhead } from '../../main/hosts/lab/supervisor-node'
import type { TrainerProcess } from '../../main/hosts/lab/supervisor'

// A trainer that is started before anybody asks for one.

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-ahead-'))
const begun: TrainerProcess[] = []

/** A program that says its number when it is asked; `first`: what it does as soon as it starts. */
function program(name: string, first = '') {
  const file = path.join(folder, `${name}.cjs`)
  fs.writeFileSync(
    file,
    `require('fs').appendFileSync(${JSON.stringify(`${file}.starts`)}, process.pid + '\\n')
     ${first}
     process.on('disconnect', () => process.exit(0))
     process.on('message', () => process.send(process.pid))`,
  )
  const starts = () => {
    const log = `${file}.starts`
    return fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n').map(Number) : []
  }
  return { file, starts }
}

function ask(spawn: () => TrainerProcess) {
  const trainer = spawn()
  begun.push(trainer)
  return new Promise<unknown>((resolve) => {
    trainer.onMessage(resolve)
    trainer.send('who are you?')
  })
}

afterEach(() => begun.splice(0).forEach((trainer) => trainer.kill()))

test('the first that is spawned is the one that was started ahead; the second is another', async () => {
  const { file, starts } = program('taken')
  startAhead(file)
  await vi.waitFor(() => expect(starts()).toHaveLength(1), { timeout: 15_000, interval: 20 })
  const spawn = nodeTrainer(file)
  expect(await ask(spawn)).toBe(starts()[0])
  expect(await ask(spawn)).toBe(starts()[1])
  expect(starts()).toHaveLength(2)
})

test('one of another program is left alone', async () => {
  const [one, other] = [program('one'), program('other')]
  startAhead(one.file)
  const answered = await ask(nodeTrainer(other.file))
  expect(other.starts()).toEqual([answered])
  expect(await ask(nodeTrainer(one.file))).toBe(one.starts()[0])
  expect(one.starts()).toHaveLength(1)
})

test('one that has ended by then is not taken', async () => {
  const { file, starts } = program('dead', `if (!process.env.AGAIN) process.exit(3)`)
  startAhead(file)
  await vi.waitFor(() => expect(isAlive(starts()[0])).toBe(false), { timeout: 15_000, interval: 20 })
  vi.stubEnv('AGAIN', 'yes')
  expect(await ask(nodeTrainer(file))).toBe(starts()[1])
  vi.unstubAllEnvs()
})

function isAlive(pid: number | undefined) {
  if (pid === undefined) return null
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
