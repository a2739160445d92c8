import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMANDS } from '../../main/hosts/cli/commands'
import { COMPUTING } from '../../main/hosts/cli/start'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-start-'))
  // Each process of a command writes down what it runs.
  fs.writeFileSync(
    path.join(folder, 'hook.cjs'),
    `const { isMainThread } = require('worker_threads')
     if (isMainThread) require('fs').appendFileSync(process.env.STARTS, process.argv[1] + '\\n')`,
  )
  run('presets')
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** How a command ends, and how often it starts the process that computes. */
function run(args: string) {
  const starts = path.join(folder, 'starts')
  fs.rmSync(starts, { force: true })
  const { status } = spawnSync(process.execPath, [launcher, ...args.split(' ')], {
    env: {
      ...process.env,
      STARTS: starts,
      NODE_OPTIONS: `--require ${path.join(folder, 'hook.cjs')}`,
      RESIDUAL_LAB_DATA: folder,
    },
  })
  const files = fs.readFileSync(starts, 'utf8').trim().split('\n')
  return { status, trainers: files.filter((file) => path.basename(file) === 'trainer.cjs').length }
}

test('every command that is carried out by a trainer starts it ahead, but for paths, which may need none', () => {
  const names = COMMANDS.filter((one) => 'ask' in one).map((one) => one.name)
  expect([...COMPUTING].sort()).toEqual(names.filter((name) => name !== 'paths').sort())
})

test('what is started ahead is what computes', () => {
  expect(run('signal --blocks 2 --width 8 --replicas 2 --batch 4')).toEqual({ status: 0, trainers: 1 })
})

test('a command that is refused ends all the same, and what computes nothing starts nothing', () => {
  expect(run('signal --blocks none')).toEqual({ status: 2, trainers: 1 })
  expect(run('signal --help')).toEqual({ status: 0, trainers: 0 })
  expect(run('shatter --regions --blocks 2 --width 8 --points 16')).toEqual({ status: 0, trainers: 0 })
  expect(run('presets')).toEqual({ status: 0, trainers: 0 })
})
