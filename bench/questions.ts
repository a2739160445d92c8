/** What is measured from the request to the last curve, as the lab and as its peers are asked for it. */
import { openingExperiment } from '../shared/experiment/experiment'
import { networkNamed } from '../shared/experiment/preset-networks'
import { jaxCode } from '../shared/export/jax/code'
import { exportedNetwork } from '../shared/export/network'
import { torchCode } from '../shared/export/pytorch/code'
import { inputShape, planNetwork } from '../shared/network/plan'
import { seriesGraphs } from '../shared/network/series'
import { orderExperiments } from '../shared/order/set'
import type { Experiment } from '../shared/settings/experiment'
import { defaultOrder } from '../shared/settings/order'
import { defaultShatter, type ShatterSettings } from '../shared/settings/shatter'
import { defaultExperiment } from '../shared/settings/table'
import { shatterExperiment } from '../shared/shatter/shatter'

export interface Question {
  id: string
  title: string
  /** What the trainer is asked, less the request's id. */
  body: { type: 'signal' | 'shatter'; experiment: Experiment; settings?: ShatterSettings }
  series: number
  /** For the peers: the networks as the lab writes them in their frameworks, one a series, and what they are fed. */
  peers: {
    replicas: number
    batch: number
    /** Of one sample, channels last; units alone where it has no positions. */
    sample: number[]
    /** Whether all blocks of a network are equal, so that one may scan over them. */
    uniform: boolean
    /** Points on the line of a shatter question; null: the signal is measured. */
    points: number | null
    torch: string[]
    jax: string[]
  }
}

const one = (changes: Partial<Experiment>): Experiment => ({ ...defaultExperiment(), ...changes })

function signalQuestion(id: string, title: string, experiment: Experiment): Question {
  const { series, peers } = asked(experiment)
  return { id, title, body: { type: 'signal', experiment }, series, peers }
}

/** The networks of an experiment, given by what it has beside the defaults, as code. */
export const codeOf = (changes: Partial<Experiment>): Question['peers'] => asked(one(changes)).peers

function asked(experiment: Experiment): Pick<Question, 'series' | 'peers'> {
  const graphs = seriesGraphs(experiment)
  const networks = graphs.map((_, i) => exportedNetwork(experiment, i, false))
  const { replicas, batch } = experiment
  const { rows, columns, units } = inputShape(experiment)
  const peers = {
    ...{ replicas, batch, points: null, sample: [rows, columns, units].filter((n, i) => i === 2 || n > 1) },
    uniform: graphs.every((series) => new Set(planNetwork(series, experiment)).size === 1),
    torch: networks.map(torchCode),
    jax: networks.map(jaxCode),
  }
  return { series: graphs.length, peers }
}

function shatterQuestion(id: string, title: string, given: Experiment): Question {
  const settings = defaultShatter()
  const experiment = shatterExperiment(given)
  // Its stem has one input, which experiments do not have: the peers write that, and the linear layer at the end.
  const { series, peers } = asked({ ...experiment, stem: 'none' })
  const body = { type: 'shatter' as const, experiment: given, settings }
  return { id, title, body, series, peers: { ...peers, points: settings.points } }
}

/** ResNet of He et al. 2015, as the preset has it: images of noise, two networks, eight images. */
const resnet = (layers: number) => one(networkNamed(`resnet${layers}-cifar`).changes)

export function questions(): Question[] {
  const opening = openingExperiment()
  const [ordering] = orderExperiments(one({}), defaultOrder())
  return [
    signalQuestion('one', 'One series: 20 blocks, 20 networks', one({})),
    signalQuestion('opening', 'The opening comparison: five series', opening),
    signalQuestion('slider', 'The same after a slider: width 110', { ...opening, width: 110 }),
    signalQuestion('order', 'An Order set of 16 series', ordering),
    signalQuestion(
      'deep',
      '1,000 blocks × 10 networks',
      one({ remedies: ['rsqrt2'], blocks: 1000, replicas: 10 }),
    ),
    signalQuestion('resnet20', 'ResNet-20, 32 × 32 × 3', resnet(20)),
    signalQuestion('resnet110', 'ResNet-110, 32 × 32 × 3', resnet(110)),
    shatterQuestion(
      'shatter',
      'Shattered gradients: 256 points, three series',
      one({ block: ['relu-linear', 'original', 'full-preactivation'], width: 200 }),
    ),
  ]
}
