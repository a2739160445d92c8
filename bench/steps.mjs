/**
 * One training step of residual networks, 20 blocks of width 100, batch 128: the lab's own training class against
 * PyTorch, TensorFlow with Keras, and JAX in Python, for one network and for many at once, and for five series of one
 * shape; and one of ResNet-20 on sequences (resnet), on images of 28 x 28 x 1 (images28) and of 32 x 32 x 3 (images32).
 * All run in the same minutes, in interleaved rounds, from the same numbers, and must arrive at the same losses.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { built } from './build.mjs'
import { contender } from './contender.mjs'
import { summarise } from './report.mjs'

/** What is compared. */
export const LABELS = ['1', 'n', 'five', 'resnet', 'images28', 'images32']

/** A round takes about half a second from each variant. */
const stepsPerRound = (variant) => {
  if (/Keras/.test(variant)) return 1
  if (variant.startsWith('1')) return 60
  if (variant.startsWith('resnet')) return 10
  if (variant.startsWith('images')) return 2
  return /one at a time/.test(variant) ? 2 : 5
}

/**
 * @param rounds of which each takes every variant in turn
 * @param networks that are trained at once
 * @param only one of LABELS; null: all
 * @param pythons as `pythonsWithPeers` finds them
 */
export async function measureSteps({ rounds, networks, only, pythons, machine, say }) {
  const setup = {
    ...{ networks, blocks: 20, width: 100, batch: 128, rate: 0.01, momentum: 0.9, batches: 16, only },
  }
  const isAsked = (variant) => only === null || variant.startsWith(`${only} `)
  const folder = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
  const contenders = []
  try {
    setup.file = join(folder, 'start.safetensors')
    say('Loading and compiling.')
    // One after another: each compiles alone. The lab comes first and writes what the others start from.
    const ours = await contender(process.execPath, [await built('ours')], setup)
    contenders.push(ours)
    const peers = new URL('peers.py', import.meta.url).pathname
    for (const { peer, python } of pythons.found)
      contenders.push(await contender(python, [peers, peer], setup))

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
        for (const variant of variants.filter((name) => isAsked(name) && !name.includes('with frames'))) {
          const { times } = await request({ variant, steps: stepsPerRound(variant) })
          results.get(variant).rounds.push(times)
        }
      }
    }
    const probes = only === null && (await measureProbes(ours.request, { rounds, networks, say }))
    return summarise(setup, { ...machine, device: ours.device }, results, probes, ours.starts)
  } finally {
    contenders.forEach(({ stop }) => stop())
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Training with and without probes in short turns, each pair in the other order than the one before. */
async function measureProbes(request, { rounds, networks, say }) {
  const pairs = { 1: [], n: [] }
  for (const label of ['1', 'n']) {
    say(`Probes, ${label === '1' ? 1 : networks} at once.`)
    const timeOf = async (variant) => mean((await request({ variant, seconds: 0.8 })).times)
    const plain = () => timeOf(`${label} Residual Lab`)
    const probed = () => timeOf(`${label} Residual Lab, with frames`)
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
