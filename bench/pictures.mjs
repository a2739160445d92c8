/** From the request to the last curve: the lab's trainer, warm, and the same of its peers in the same minutes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { built } from './build.mjs'
import { contender } from './contender.mjs'
import { median } from './report.mjs'
import { startTrainer } from './trainer.mjs'

let bundle = null
const questionsModule = () => (bundle ??= built('questions').then((file) => import(pathToFileURL(file).href)))

/** One experiment as the peers are asked for it. */
export const codeOf = async (experiment) => (await questionsModule()).codeOf(experiment)

/** A peer is asked again unless its first answer takes longer than the one, or its last one than the other. */
const LONGEST = { first: 60, again: 8 }

/**
 * @param ids of the questions that are asked; null: all
 * @param rounds in which lab and peers are asked in turn
 */
export async function measurePictures({ library, pythons, ids, rounds, say }) {
  const asked = (await questionsModule()).questions().filter(({ id }) => ids === null || ids.includes(id))
  const folder = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
  for (const { id, peers } of asked) {
    peers.torch.forEach((text, i) => writeFileSync(join(folder, `${id}-${i}.torch.py`), text))
    peers.jax.forEach((text, i) => writeFileSync(join(folder, `${id}-${i}.jax.py`), text))
  }
  const others = []
  let trainer
  try {
    trainer = await startTrainer(library)
    const program = new URL('question_peers.py', import.meta.url).pathname
    for (const { peer, python } of pythons.found.filter(({ peer }) => peer !== 'tensorflow')) {
      others.push({ peer, ...(await contender(python, [program, peer], { folder })) })
    }
    // What the process itself needs to begin is no part of a picture.
    await trainer.ask({ type: 'signal', experiment: { blocks: 1, width: 8, replicas: 2 } })
    const measured = []
    for (const question of asked) measured.push(await answers(question, trainer, others, rounds, say))
    const peers = others.map(({ peer, version, blas, compiles }) => ({ peer, version, blas, compiles }))
    return { device: trainer.device.description, peers, questions: measured }
  } finally {
    trainer?.stop()
    others.forEach(({ stop }) => stop())
    rmSync(folder, { recursive: true, force: true })
  }
}

async function answers({ id, title, body, series, peers }, trainer, others, rounds, say) {
  say(`${title}.`)
  const { torch: _torch, jax: _jax, ...shape } = peers
  const question = { id, series, peers: shape }
  const ours = []
  const theirs = new Map()
  const isLong = (variant) => {
    const [first, ...later] = theirs.get(variant) ?? []
    return first > LONGEST.first || later.at(-1) > LONGEST.again
  }
  for (let round = 0; round < rounds; round++) {
    // Another seed: what the trainer remembers of an experiment is its theory, which no seed changes.
    const experiment = { ...body.experiment, seed: round + 1 }
    const answer = await trainer.ask({ ...body, experiment })
    ours.push({ seconds: answer.whole / 1000, phases: phasesOf(answer, series) })
    for (const { variants, request } of others) {
      for (const variant of variants.filter((name) => !isLong(name))) {
        if (shape.points !== null && variant !== 'PyTorch, hooks') continue
        const { seconds } = await request({ variant, question })
        theirs.set(variant, [...(theirs.get(variant) ?? []), seconds])
      }
    }
  }
  return {
    ...{ id, title, series, networks: series * shape.replicas },
    /** The first time, and the later ones. */
    first: ours[0],
    later: ours.length > 1 ? middle(ours.slice(1)) : null,
    peers: [...theirs].map(([name, [first, ...later]]) => {
      return { name, first, later: later.length ? median(later) : null }
    }),
  }
}

/** The one whose whole is the median. */
function middle(answers) {
  const sorted = [...answers].sort((a, b) => a.seconds - b.seconds)
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/**
 * What the time between events goes into, of all series together. A step is recorded the first time and loaded as a
 * graph the second. Theory is computed by a thread beside: the end waits for what it has not found by then.
 */
export const PHASES = {
  plan: 'plans of the networks, before the first is drawn',
  record: 'a series’ first two blocks each way: steps are recorded and loaded',
  forward: 'forward through the other blocks',
  backward: 'backward through the other blocks',
  theory: 'waiting for theory, after the last block',
}

/** Milliseconds of each of `PHASES`; null where the events do not say it. */
function phasesOf({ events, whole }, series) {
  const started = events.find(({ event }) => event.type === 'started')
  if (!started) return null
  const phases = { plan: started.time, record: 0, forward: 0, backward: 0, theory: 0 }
  let at = started.time
  for (let s = 0; s < series; s++) {
    const times = (type) => events.filter(({ event }) => event.type === type && event.series === s)
    const [forward, backward] = ['forward', 'backward'].map(times)
    const ends = [
      ['record', forward[2] ?? forward.at(-1)],
      ['forward', forward.at(-1)],
      ['record', backward[1]],
      ['backward', backward.at(-1)],
    ]
    for (const [phase, { time }] of ends) {
      phases[phase] += time - at
      at = time
    }
  }
  phases.theory = whole - at
  return phases
}
