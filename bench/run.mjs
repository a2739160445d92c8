#!/usr/bin/env node
/**
 * npm run bench [-- --json] [--rounds N] [--networks N]
 *
 * One training step of a residual network, 20 blocks of width 128, batch 128: the lab against TensorFlow in Python and
 * JAX, for one network and for many at once. All run in the same minutes, in interleaved rounds, from the same numbers,
 * and must arrive at the same losses. The table goes to standard output (--json: one JSON document instead), progress
 * to standard error. Exit status 1 if a target is missed or losses differ.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { buildOurs } from './build.mjs'
import { environmentWithPeers, versions } from './python.mjs'
import { summarise, table } from './report.mjs'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '12' },
    networks: { type: 'string', default: '30' },
  },
})
const rounds = Number(options.rounds)
const setup = { networks: Number(options.networks), blocks: 20, width: 128, batch: 128, rate: 0.01 }
const say = (text) => process.stderr.write(`${text}\n`)

/** Every step of the slow ones costs much; a round takes about half a second from each variant. */
const stepsPerRound = (variant) => {
  if (/eager|one at a time/.test(variant)) return variant.startsWith('1') ? 10 : 2
  return variant.startsWith('1') ? 60 : 5
}

const folder = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
const contenders = []
try {
  const python = await environmentWithPeers(say)
  const ours = await buildOurs()
  setup.file = join(folder, 'start.bin')
  writeFileSync(setup.file, startingNumbers())
  const peers = new URL('peers.py', import.meta.url).pathname
  say('Loading and compiling.')
  // One after another: each compiles alone.
  contenders.push(await contender(process.execPath, [ours]))
  contenders.push(await contender(python, [peers, 'tensorflow']))
  contenders.push(await contender(python, [peers, 'jax']))

  const results = new Map()
  for (const { variants, request } of contenders) {
    for (const variant of variants) {
      const { losses } = await request({ variant, steps: 3 })
      results.set(variant, { losses, rounds: [] })
    }
  }
  for (let round = 0; round < rounds; round++) {
    say(`Round ${round + 1} of ${rounds}.`)
    for (const { variants, request } of rotate(contenders, round)) {
      for (const variant of variants.filter((name) => !name.includes('15 Hz'))) {
        const { times } = await request({ variant, steps: stepsPerRound(variant) })
        results.get(variant).rounds.push(times)
      }
    }
  }
  const probes = await measureProbes(contenders[0].request)
  const machine = {
    device: contenders[0].device,
    processor: cpus()[0].model,
    cores: cpus().length,
    node: process.version,
    peers: versions,
  }
  const report = summarise(setup, machine, results, probes)
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

/** Weights [block, network, width, width], then inputs and targets [network, batch, width], from a seeded generator. */
function startingNumbers() {
  const { networks, blocks, width, batch } = setup
  const weights = networks * blocks * width * width
  const values = new Float32Array(weights + 2 * networks * batch * width)
  let state = 1
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 1) / 2 ** 32
  }
  for (let i = 0; i < values.length; i++) {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
    values[i] = i < weights ? 0.05 * normal : normal
  }
  return new Uint8Array(values.buffer)
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
