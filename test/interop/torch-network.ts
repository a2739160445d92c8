import { spawnSync } from 'node:child_process'
import * as path from 'node:path'
import { presetNamed } from '../../shared/block/presets'
import { dataSetOf } from '../../shared/data/samples'
import { scaledRange } from '../../shared/data/scale'
import type { TrainedArray, TrainedBlock, TrainedWeights } from '../../shared/network/trained-weights'
import type { Experiment } from '../../shared/settings/experiment'

/** Trained networks of the preset “full-preactivation” as lesion.py and shatter.py read them. */

/** Debian's: python3-torch (.ci/run installs it). */
const PYTHON = '/usr/bin/python3'

/** @param what is not done without it */
export function hasTorch(what: string): boolean {
  if (spawnSync(PYTHON, ['-c', 'import torch']).status === 0) return true
  console.warn(`${what}: ${PYTHON} has no PyTorch (Debian and Ubuntu: apt-get install python3-torch).`)
  return false
}

/** What a script beside this one answers to each document, line by line. @throws Error with what Python says */
export function torchAnswers<T>(script: string, documents: readonly object[]): T[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, [path.join(import.meta.dirname, script)], {
    input: documents.map((one) => JSON.stringify(one)).join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}

const rowsOf = ({ shape: [rows, columns], values }: TrainedArray) =>
  Array.from({ length: rows }, (_, r) => values.slice(r * columns, (r + 1) * columns))

/** A branch as its norms, each with the layer that follows it. */
function stagesOf(block: TrainedBlock) {
  const { nodes } = presetNamed('full-preactivation')
  const of = (op: string) =>
    nodes.filter((node) => node.op === op).map(({ id }) => block.find(({ node }) => node === id)!)
  const layers = of('linear')
  return of('batch-norm').map(({ parameters: [gamma, beta], statistics }, i) => {
    const [mean, variance] = statistics!
    const [weight, bias] = layers[i].parameters
    return {
      ...{ mean: mean.values, variance: variance.values, gamma: gamma.values, beta: beta.values },
      ...{ weight: rowsOf(weight), bias: bias.values },
    }
  })
}

export function torchNetwork({ stem: [{ parameters }], blocks, output }: TrainedWeights) {
  return {
    stem: { weight: rowsOf(parameters[0]), bias: parameters[1]?.values ?? null },
    blocks: blocks.map(stagesOf),
    output: { weight: rowsOf(output.weight), bias: output.bias.values },
  }
}

/** All samples of both parts, as networks take them. */
export function torchSamples(experiment: Experiment) {
  const data = dataSetOf(experiment)
  return Object.fromEntries(
    (['training', 'test'] as const).map((part) => {
      const { y } = data[part]
      const x = scaledRange(data, data[part], 0, y.length)
      const size = x.length / y.length
      return [part, { x: Array.from(y, (_, i) => [...x.subarray(i * size, (i + 1) * size)]), y: [...y] }]
    }),
  )
}
