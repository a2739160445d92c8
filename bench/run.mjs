#!/usr/bin/env node
/**
 * npm run bench [-- --only PART[,PART]] [--small] [--page] [--install] [--json]
 *               [--steps LABEL] [--rounds N] [--networks N]
 *
 * Measures the lab side by side with PyTorch, TensorFlow, Keras and JAX, and writes docs/performance.md with its
 * charts. Its parts: starts (processes, and presses in a browser), pictures (from a request to the last curve),
 * application (the same in a real Electron, with TensorFlow's pool of memory and without), steps (one training step;
 * --steps takes one of its comparisons alone), screen (frames and inputs while networks train), growth (with depth,
 * networks and batch). What was measured is kept in .cache/bench/results, where a run of some parts finds the others
 * for the page; --page writes the page of what is there and measures nothing. --small tries everything in ten minutes
 * and writes no page.
 *
 * PyTorch is taken from `python3` (or $PYTHON), TensorFlow and JAX from there or from an environment in the cache
 * folder, which --install makes; what is not there is left out, and said. The table of steps goes to standard output
 * (--json: all that was measured), progress to standard error. Exit status 1 if losses differ from the peers': how fast
 * a machine is decides nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setUp } from '../bin/setup.mjs'
import { measureApplication } from './application.mjs'
import { measureGrowth } from './growth.mjs'
import { load, machineOf } from './machine.mjs'
import { writePage } from './page.mjs'
import { measurePictures } from './pictures.mjs'
import { pythonsWithPeers } from './python.mjs'
import { table } from './report.mjs'
import { measureScreen } from './screen.mjs'
import { measureCommands, measureWorkbench } from './starts.mjs'
import { LABELS, measureSteps } from './steps.mjs'
import { libraryInUse, root } from './trainer.mjs'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    small: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
    install: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    steps: { type: 'string' },
    rounds: { type: 'string' },
    networks: { type: 'string', default: '25' },
  },
})
const { small } = options
const say = (text) => process.stderr.write(`${text}\n`)
const roundsOr = (usual) => (options.rounds === undefined ? usual : Number(options.rounds))

const PARTS = {
  starts: async (given) => ({
    commands: await measureCommands({ ...given, rounds: roundsOr(small ? 2 : 7) }),
    workbench: await measureWorkbench({ ...given, rounds: roundsOr(small ? 1 : 3) }),
  }),
  pictures: (given) =>
    measurePictures({
      ...given,
      ids: small ? ['one', 'opening', 'resnet20', 'shatter'] : null,
      rounds: roundsOr(small ? 2 : 3),
    }),
  application: (given) => measureApplication({ ...given, rounds: roundsOr(small ? 2 : 8) }),
  steps: ({ machine, pythons }) =>
    measureSteps({
      ...{ machine, pythons, say, networks: Number(options.networks), only: options.steps ?? null },
      rounds: roundsOr(small ? 3 : 10),
    }),
  screen: () => measureScreen({ say, seconds: small ? 4 : 10, only: small ? 20 : null }),
  growth: (given) => measureGrowth({ ...given, largest: small ? 1000 : 10_000 }),
}

const parts = options.page
  ? []
  : (options.only?.split(',') ?? (options.steps ? ['steps'] : Object.keys(PARTS)))
const unknown = parts.find((part) => !(part in PARTS))
if (unknown !== undefined) {
  say(`--only: there is no part "${unknown}". There are ${Object.keys(PARTS).join(', ')}.`)
  process.exit(2)
}
if (options.steps !== undefined && !LABELS.includes(options.steps)) {
  say(`--steps: there is no comparison "${options.steps}". There are ${LABELS.join(', ')}.`)
  process.exit(2)
}

const folder = join(root, '.cache', 'bench', 'results')
const fileOf = (part) => join(folder, `${part}.json`)
mkdirSync(folder, { recursive: true })
const now = {}
if (parts.length) {
  await setUp()
  const pythons = await pythonsWithPeers(say, options.install)
  const machine = machineOf(pythons)
  const given = { machine, pythons, say, library: await libraryInUse() }
  for (const part of parts) {
    const before = load()
    const measured = await PARTS[part](given)
    const about = { date: new Date().toISOString().slice(0, 10), machine, load: before, small }
    now[part] = { ...about, measured }
    // One comparison alone takes no place of all.
    if (part === 'steps' && options.steps) continue
    writeFileSync(fileOf(part), `${JSON.stringify(now[part], null, 1)}\n`)
  }
}

const kept = Object.keys(PARTS)
  .filter((part) => existsSync(fileOf(part)))
  .map((part) => [part, JSON.parse(readFileSync(fileOf(part), 'utf8'))])
const results = { ...Object.fromEntries(kept), ...now }
if (options.page || !(small || options.steps)) await writePage(results, say)
const { measured: steps } = now.steps ?? {}
if (options.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
else if (steps) process.stdout.write(table(steps))
process.exitCode = steps && !steps.lossesAgree ? 1 : 0
