/** From the request to the last curve: the lab's trainer, warm, and the same of its peers in the same minutes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { built } from './build.mjs'
import { contender } from './contender.mjs'
import { phasesOf } from './phases.mjs'
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
    ours.push({ seconds: answer.whole / 1000, phases: phasesOf(answer) })
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
