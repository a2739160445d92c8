#!/usr/bin/env node
// The launcher: makes a checkout ready, then hands over to the built command line (main/hosts/cli/start.ts) in this
// same process. Plain JavaScript, because it runs before anything is installed. Standard output belongs to the command.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { findElectron, noWindowReason, obtainElectron, runElectron } from './lib/electron.mjs'
import { endWithOutput } from './lib/streams.mjs'
import { SetupError, root, say, setUp } from './setup.mjs'

const require = createRequire(import.meta.url)

async function main(args) {
  endWithOutput()
  await setUp()
  if (args[0] === 'start') return start(args.slice(1))
  return runCommand(args)
}

/** A window if there can be one; else the same workbench in the browser. */
async function start(args) {
  // A checkout that is set up has TensorFlow's library; the workbench gets it in the background.
  process.env.RESIDUAL_LAB_FETCH ??= '1'
  const why = noWindowReason()
  let reason = why
  if (!why) {
    let path = findElectron(root)
    if (!path) ({ path, reason } = await obtainElectron(root, say))
    if (path) return runElectron(path, root, args)
  }
  say(`No Electron window: ${reason}. The workbench opens in the browser instead.`)
  return runCommand(['serve', '--open', ...args])
}

/** The built command line prints by itself; it gives its exit code, or sets it. */
async function runCommand(args) {
  const file = join(root, 'out', 'main', 'cli.cjs')
  process.argv = [process.argv[0], file, ...args]
  const cli = require(file)
  return typeof cli.main === 'function' ? cli.main(args) : undefined
}

try {
  const code = await main(process.argv.slice(2))
  if (typeof code === 'number') process.exitCode = code
} catch (error) {
  say(error instanceof SetupError ? error.message : (error?.stack ?? String(error)))
  process.exitCode = 1
}
