#!/usr/bin/env node
/**
 * npm run bench [-- --json] [--rounds N] [--networks N] [--only LABEL] [--install]
 *
 * One training step of residual networks, 20 blocks of width 100, batch 128: the lab's own training class against
 * PyTorch, TensorFlow with Keras, and JAX in Python, for one network and for many at once, and for five series of one
 * shape; and one of ResNet-20 on sequences (resnet), on images of 28 x 28 x 1 (images28) and of 32 x 32 x 3 (images32).
 * --only takes one of these alone: 1, n, five, resnet, images28 or images32. All run in the same minutes, in
 * interleaved rounds, from the same numbers, and must arrive at the same losses. PyTorch is taken from `python3` (or
 * $PYTHON), TensorFlow and JAX from there or from an environment in the cache folder, which --install makes; what is
 * not there is left out, and said. The table goes to standard output (--json: one JSON document instead), progress to
 * standard error. Exit status 1 if a target is missed or losses differ.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { buildOurs } from './build.mjs'
import { pythonsWithPeers } from './python.mjs'
import { summarise, table } from './report.mjs'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    install: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '12' },
    networks: { type: 'string', default: '25' },
    only: { type: 'string' },
  },
})
const rounds = Number(options.rounds)
const setup = {
  networks: Number(options.networks),
  ...{ blocks: 20, width: 100, batch: 128, rate: 0.01, momentum: 0.9, batches: 16 },
  only: options.only ?? null,
}
const isAsked = (variant) => setup.only === null || variant.startsWith(`${setup.only} `)
const say = (text) => process.stderr.write(`${text}\n`)

/** A round takes about half a second from each variant. */
const stepsPerRound = (variant) => {
  if (/Keras/.test(variant)) return 1
  if (variant.startsWith('1')) return 60
  if (variant.startsWith('resnet')) return 10
  if (variant.startsWith('images')) return 2
  return /one at a time/.test(variant) ? 2 : 5
}

const folder = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
const contenders = []
try {
  const pythons = await pythonsWithPeers(say, options.install)
  setup.file = join(folder, 'start.safetensors')
  say('Loading and compiling.')
  // One after another: each compiles alone. The lab comes first and writes what the others start from.
  const ours = await contender(process.execPath, [await buildOurs()])
  contenders.push(ours)
  const peers = new URL('peers.py', import.meta.url).pathname
  for (const { peer, python } of pythons.found) contenders.push(await contender(python, [peers, peer]))

  const results = new Map()
  for (const { variants, request } of contenders) {
    for (const variant of variants.filter(isAsked)) {
      const { losses } = await request({ variant, steps: 3 })
      results.set(variant, { losses, rounds: [] })
    }
  }
  for (let round = 0; round < rounds; round++) {
    say(`Round ${round + 1} of ${rounds}.`)
    for (const { variants, request } of rotate(contenders, round)) {
      for (const variant of variants.filter((name) => isAsked(name) && !name.includes('15 Hz'))) {
        const { times } = await request({ variant, steps: stepsPerRound(variant) })
        results.get(variant).rounds.push(times)
      }
    }
  }
  const probes = setup.only === null && (await measureProbes(ours.request))
  const machine = {
    device: ours.device,
    processor: cpus()[0].model,
    cores: cpus().length,
    node: process.version,
    peers: Object.fromEntries(pythons.found.map(({ peer, version }) => [peer, version])),
    missing: pythons.missing,
  }
  const report = summarise(setup, machine, results, probes, ours.starts)
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : table(report))
  process.exitCode = report.targets.every(({ met }) => met) && report.lossesAgree ? 0 : 1
} finally {
  contenders.forEach(({ stop }) => stop())
  rmSync(folder, { recursive: true, force: true })
}

/** Training with and without probes in short turns, each pair in the other order than the one before. */
async function measureProbes(request) {
  const pairs = { 1: [], n: [] }
  for (const label of ['1', 'n']) {
    say(`Probes, ${label === '1' ? 1 : setup.networks} at once.`)
    const timeOf = async (variant) => mean((await request({ variant, seconds: 0.4 })).times)
    const plain = () => timeOf(`${label} Residual Lab`)
    const probed = () => timeOf(`${label} Residual Lab, probed at 15 Hz`)
    for (let turn = 0; turn < 2 * rounds; turn++) {
      pairs[label].push([await plain(), await probed()])
      const after = await probed()
      pairs[label].push([await plain(), after])
    }
  }
  return pairs
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function rotate(list, by) {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

/** A process that holds variants of the step and runs them when asked. */
async function contender(command, parameters) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
  const child = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'pipe'], env })
  let complaints = ''
  child.stderr.on('data', (text) => (complaints = (complaints + text).slice(-4000)))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const request = async (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`${command} ${parameters.join(' ')} stopped:\n${complaints}`)
    return JSON.parse(value)
  }
  return { ...(await request(setup)), request, stop: () => child.kill() }
}
