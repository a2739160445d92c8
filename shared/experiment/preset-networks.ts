import { presetNamed } from '../block/presets'
import { describedData } from '../data/data-sets'
import { outputsOf } from '../data/description'
import { convolutional } from '../block/convolutional'
import { named } from '../base/errors'
import { openingExperiment } from './experiment'
import type { Experiment } from '../settings/experiment'
import { headOf, outputShape, parameterCount, planNetwork, stemOf } from '../network/plan'
import { seriesGraphs } from '../network/series'
import { depthOf, type NetworkSettings, type Stage } from '../settings/network'

/** What an experiment gets from a preset network; everything else stays. */
export type NetworkChanges = Pick<Experiment, 'block' | 'compare' | 'blocks' | 'width' | 'input' | 'stem'> &
  Partial<Pick<Experiment, 'network' | 'replicas' | 'batch'>>

export interface PresetNetwork {
  name: string
  title: string
  description: string
  changes: NetworkChanges
}

const stage = (blocks: number, width: number, stride: 1 | 2): Stage => ({ blocks, width, stride })

/** Three stages of n blocks of two layers each, with stem and head 6n + 2 layers (He et al. 2015, section 4.2). */
const cifarStages = (n: number) => [stage(n, 16, 1), stage(n, 32, 2), stage(n, 64, 2)]

const withNetwork = (network: NetworkSettings) => ({
  network,
  blocks: network.stages.reduce((sum, { blocks }) => sum + blocks, 0),
  width: network.stages[0].width,
})

/** Few networks and samples: a convolutional network costs as much as thousands of small ones. */
const IMAGES = { input: 'images', stem: 'linear', replicas: 2, batch: 8 } as const

function cifar(layers: number): PresetNetwork {
  const n = (layers - 2) / 6
  return {
    name: `resnet${layers}-cifar`,
    title: `ResNet-${layers} (CIFAR)`,
    description:
      `${3 * n} original blocks in three stages of 16, 32 and 64 channels; shortcuts without weights (He ` +
      'et al. 2015).',
    changes: {
      ...IMAGES,
      compare: [],
      block: [convolutional(presetNamed('original'), 2)],
      ...withNetwork({ stages: cifarStages(n), shortcut: 'A', stem: 'bn-relu' }),
    },
  }
}

function preactivation(layers: number): PresetNetwork {
  const n = (layers - 2) / 6
  return {
    name: `preact-resnet${layers}-cifar`,
    title: `Pre-activation ResNet-${layers} (CIFAR)`,
    description:
      'The same stages with full pre-activation; normalisation and ReLU once more before the head (He et ' +
      'al. 2016).',
    changes: {
      ...IMAGES,
      compare: [],
      block: [convolutional(presetNamed('full-preactivation'), 2)],
      ...withNetwork({ stages: cifarStages(n), shortcut: 'A', head: 'bn-relu' }),
    },
  }
}

export const NETWORKS: readonly PresetNetwork[] = [
  {
    name: 'mlp-lab',
    title: 'MLP lab',
    description:
      '20 blocks of width 100 on MNIST-1D behind a linear layer: small enough to train while you watch.',
    changes: {
      block: ['relu-linear'],
      compare: [],
      input: 'mnist1d',
      stem: 'linear',
      blocks: 20,
      width: 100,
      network: undefined,
      replicas: 20,
      batch: 128,
    },
  },
  {
    name: 'mnist1d-conv',
    title: 'MNIST-1D, convolutions',
    description:
      '6 pre-activation blocks of 1-D convolutions in three stages of 16, 32 and 64 channels; it can be trained here.',
    changes: {
      block: [convolutional(presetNamed('full-preactivation'), 1)],
      compare: [],
      input: 'sequence',
      stem: 'linear',
      replicas: 5,
      batch: 64,
      ...withNetwork({ stages: cifarStages(2), shortcut: 'A', head: 'bn-relu' }),
    },
  },
  ...[20, 32, 44, 56, 110, 1202].map(cifar),
  ...[20, 56, 110].map(preactivation),
]

/** The preset network of that name. @throws InputError naming the nearest one */
export function networkNamed(name: string, where = '--network'): PresetNetwork {
  return named(NETWORKS, name, where, 'network')
}

/** Whether an experiment's settings are those of a preset network. */
export const isNetwork = (experiment: Experiment, { changes }: PresetNetwork) =>
  Object.entries(changes).every(
    ([key, value]) => JSON.stringify(experiment[key as keyof Experiment]) === JSON.stringify(value),
  )

/**
 * One block, repeated. What a preset network has set goes back to what the workbench opens with; of stages of the
 * user's own only the first one's width and the depth of all stay.
 */
export function withoutStages(experiment: Experiment): Experiment {
  const preset = NETWORKS.find((network) => network.changes.network && isNetwork(experiment, network))
  const { network, ...rest } = experiment
  if (!preset) {
    if (!network) return experiment
    return { ...rest, blocks: depthOf(network), width: network.stages[0].width }
  }
  const opening = openingExperiment()
  const { network: _stages, ...back } = Object.fromEntries(
    Object.keys(preset.changes).map((key) => [key, opening[key as keyof Experiment]]),
  ) as Partial<Experiment>
  return { ...rest, ...back, blocks: opening.blocks, width: opening.width }
}

/**
 * Learned numbers of an experiment's networks, series by series: stem, blocks, what comes before the head, and the
 * linear layer (with bias) to the classes or targets.
 */
export function parameterCounts(experiment: Experiment): number[] {
  const outputs = outputsOf(describedData(experiment))
  return seriesGraphs(experiment).map((series) => {
    const plan = planNetwork(series, experiment)
    const top = outputShape(plan[plan.length - 1])
    const around = [stemOf(experiment), headOf(experiment, top)]
    const parts = [...plan, ...around.flatMap((part) => part ?? [])]
    return parts.reduce((sum, part) => sum + parameterCount(part), 0) + (top.units + 1) * outputs
  })
}
