import { depthSettings } from '../depth/cells'
import { remedyTitle } from '../network/series-names'
import { isTrainingKind, type RunEntry, type RunKind } from '../runs/run'
import { blockTitles, networksOf } from '../runs/summary'
import type { Experiment, SettingKey } from '../settings/experiment'
import { setting } from '../settings/table'
import type { Fact } from './figure'

/** What a figure belongs to. */
export interface Origin {
  /** `theory`: nothing was measured. */
  kind: RunKind | 'theory'
  experiment: Experiment
  /** Null: what is shown was not kept. */
  run: Pick<RunEntry, 'id' | 'name' | 'created'> | null
  /** Of the program that measured it. */
  version: string
}

/** Block, width, depth, initialisation, input, n, seed, run and version: what someone needs who makes it again. */
export function factsOf({ kind, experiment, run, version }: Origin): Fact[] {
  const { blocks, width, seed, batch, gain, skip } = experiment
  const depth = kind === 'depth' ? depthSettings(experiment) : null
  const isTheory = kind === 'theory'
  const networks = isTheory ? 0 : networksOf(kind, experiment)
  const isTrained = !isTheory && isTrainingKind(kind)
  const gained = gain === 1 ? '' : `, gain ${gain}`
  const plain = (depth?.skip ?? skip) === 'off' && kind !== 'regions' ? ' without skip connections' : ''
  const facts: [string, string][] = [
    ['block', `${blockTitles(experiment)}${plain}`],
    ['remedies', remediesOf(kind, experiment).map(remedyTitle).join(', ')],
    ['depth', depth ? `L = ${depth.depths.join(', ')}` : `L = ${blocks}`],
    ['width', isTheory ? 'N → ∞' : `N = ${width}`],
    ['initialisation', `${labelOf('init', experiment)}${gained}`],
    isTrained
      ? ['data', `${labelOf('data', experiment)}, batch of ${batch}`]
      : ['input', `${inputOf(kind, experiment)}`],
    ...(isTrained ? [training(experiment)] : []),
    ...(isTheory
      ? []
      : ([
          ['n', networks === 1 ? '1 network' : `${networks} networks`],
          ['seed', String(seed)],
        ] satisfies [string, string][])),
    [
      'run',
      run
        ? `${run.name === run.id ? run.id : `${run.name} (${run.id})`} of ${run.created.slice(0, 10)}`
        : isTheory
          ? 'none, theory alone'
          : 'not kept',
    ],
    ['program', `Residual Lab ${version}`],
  ]
  return facts.map(([name, value]) => ({ name, value }))
}

/** Orderings have remedies of their own. */
const remediesOf = (kind: Origin['kind'], { order, remedies }: Experiment): readonly string[] =>
  kind === 'order' && order ? order.remedies : remedies

function inputOf(kind: Origin['kind'], experiment: Experiment): string {
  if (kind === 'shatter' || kind === 'regions') return 'a line of inputs'
  const input = experiment.input.startsWith('data')
    ? labelOf('data', experiment)
    : labelOf('input', experiment)
  return `${input}, batch of ${experiment.batch}`
}

function training({ optimizer, learningRate, epochs, steps, ...experiment }: Experiment): [string, string] {
  const name = labelOf('optimizer', { ...experiment, optimizer, learningRate, epochs, steps })
  const length = epochs > 0 ? `${epochs} epochs` : `${steps} steps`
  return ['training', `${name}, learning rate ${learningRate}, ${length}`]
}

/** What people read for a setting's choice; a set of the user's own has its own title. */
function labelOf(key: SettingKey, experiment: Experiment): string {
  const value = String(experiment[key])
  const { type, ...own } = setting(key)
  if (key === 'data' && experiment.ownData) return experiment.ownData.title
  return type === 'choice' && 'choices' in own
    ? (own.choices.find((choice) => choice.value === value)?.label ?? value)
    : value
}
