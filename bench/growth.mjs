/** How time and memory grow with depth, networks and batch. Each point has a trainer of its own: memory is its peak. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contender } from './contender.mjs'
import { codeOf } from './pictures.mjs'
import { startTrainer } from './trainer.mjs'

/** Width 32, so that the largest fits into small machines. */
const BASE = { blocks: 100, width: 32, replicas: 4, batch: 32, remedies: ['rsqrt2'] }

/** What is varied: settings of the experiment and the values that they take. */
export const AXES = [
  { id: 'blocks', title: 'blocks', values: [10, 100, 1000, 10_000], base: BASE },
  { id: 'replicas', title: 'networks', values: [10, 100, 1000, 10_000], base: { ...BASE, blocks: 10 } },
  { id: 'batch', title: 'samples', values: [100, 1000, 10_000], base: { ...BASE, blocks: 10 } },
]

/** @param largest value that is tried */
export async function measureGrowth({ library, pythons, largest, say }) {
  const axes = []
  for (const { id, title, values, base } of AXES) {
    const points = []
    for (const value of values.filter((one) => one <= largest)) {
      say(`${value} ${title}.`)
      points.push({ value, ...(await signalPoint(library, { ...base, [id]: value })) })
    }
    axes.push({ id, title, base, points })
  }
  const training = []
  for (const blocks of AXES[0].values.filter((one) => one <= largest)) {
    say(`Training ${blocks} blocks.`)
    training.push({ value: blocks, ...(await trainingPoint(library, { ...BASE, blocks })) })
  }
  return { axes, training, torch: await torchPoints({ pythons, largest, say }) }
}

async function withTrainer(library, work) {
  const trainer = await startTrainer(library)
  try {
    await trainer.ask({ type: 'signal', experiment: { blocks: 1, width: 8, replicas: 2, input: 'normal' } })
    const before = trainer.peakBytes()
    const found = await work(trainer)
    return { ...found, bytes: trainer.peakBytes() - before }
  } finally {
    trainer.stop()
  }
}

const signalPoint = (library, experiment) =>
  withTrainer(library, async (trainer) => {
    const { events, whole } = await trainer.ask({ type: 'signal', experiment })
    const last = events.findLast(({ event }) => event.type === 'backward')
    return { seconds: last.time / 1000, whole: whole / 1000 }
  })

/** Steps of ten thousand blocks take seconds each; fewer are told of too rarely to count. */
const FEWEST_STEPS = 12

/** One step, by the progress of many, and what comes before the first. */
const trainingPoint = (library, { replicas, ...experiment }) =>
  withTrainer(library, async (trainer) => {
    const steps = Math.max(FEWEST_STEPS, 20_000 / experiment.blocks)
    const { events } = await trainer.ask({
      type: 'train',
      experiment: { ...experiment, trainReplicas: replicas, steps, evaluateEvery: steps },
    })
    // Evaluations tell of blocks that are passed.
    const isStep = ({ type, total, done }) =>
      type === 'progress' && total === steps && done > 0 && done < steps
    const told = events.filter(({ event }) => isStep(event) && event.message.startsWith('training, step'))
    const [first, last] = [told[0], told.at(-1)]
    const seconds = (last.time - first.time) / (last.event.done - first.event.done) / 1000
    return { seconds, start: first.time / 1000 - seconds * first.event.done }
  })

/** PyTorch with hooks, which keeps what backward needs, at the same depths. */
async function torchPoints({ pythons, largest, say }) {
  const found = pythons.found.find(({ peer }) => peer === 'torch')
  if (!found) return []
  const folder = mkdtempSync(join(tmpdir(), 'residual-lab-bench-'))
  const program = new URL('question_peers.py', import.meta.url).pathname
  const points = []
  try {
    for (const blocks of AXES[0].values.filter((one) => one <= largest)) {
      say(`PyTorch, ${blocks} blocks.`)
      const { torch, ...peers } = await codeOf({ ...BASE, blocks })
      writeFileSync(join(folder, `${blocks}-0.torch.py`), torch[0])
      const peer = await contender(found.python, [program, 'torch'], { folder })
      try {
        const question = { id: String(blocks), series: 1, peers }
        const { seconds, peakBytes, startBytes } = await peer.request({ variant: 'PyTorch, hooks', question })
        points.push({ value: blocks, seconds, bytes: peakBytes - startBytes })
      } finally {
        peer.stop()
      }
    }
    return points
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
