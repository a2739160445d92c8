import { CORRELATION_MEANING, ERROR_MEANING, LOSS_MEANING } from '../data/measures'

/** What runs are measured by: curves, each along an axis of its own, and single numbers that are read off them. */

/** What a curve runs along. */
export type AxisKey = 'block' | 'step' | 'lag' | 'depth' | 'length'

export const AXIS_TITLES: Readonly<Record<AxisKey, string>> = {
  block: 'block k',
  step: 'step',
  lag: 'lag (points)',
  depth: 'depth L',
  length: 'branches on the path',
}

/** Which value of a curve a number is. */
export type Reduction = 'first' | 'last' | 'least'

interface CurveMetric {
  key: string
  title: string
  definition: string
  axis: AxisKey
  /** Numbers that are read off the curve of each network. */
  numbers: readonly { key: string; title: string; of: Reduction }[]
}

/** Names a curve as a run's reading does (curves.ts): by its quantity and its axis. */
export const curveKey = (quantity: string, axis: string): string => `${quantity}/${axis}`

const signal = (quantity: string, definition: string, numbers: [Reduction, string][] = []): CurveMetric => ({
  ...{ key: curveKey(quantity, 'block'), title: quantity, definition, axis: 'block' },
  numbers: numbers.map(([of, title]) => ({ key: `${quantity}:${of}`, title, of })),
})

type Samples = 'train' | 'test'
type Outcome = 'loss' | 'error'

const outcomeWords = (samples: Samples, what: Outcome) =>
  what === 'loss'
    ? `${LOSS_MEANING} over the evaluated ${samples} samples`
    : `${ERROR_MEANING} on the evaluated ${samples} samples`

const learned = (samples: Samples, what: Outcome): CurveMetric => {
  const quantity = `${samples} ${what}`
  return {
    key: curveKey(quantity, 'step'),
    title: quantity,
    definition: `${outcomeWords(samples, what)}, after so many updates.`,
    axis: 'step',
    numbers: [
      { key: `${quantity}:last`, title: `final ${quantity}`, of: 'last' },
      { key: `${quantity}:least`, title: `best ${quantity}`, of: 'least' },
    ],
  }
}

const byDepth = (samples: Samples, what: Outcome, moment: 'final' | 'best'): CurveMetric => ({
  key: curveKey(moment === 'final' ? `${samples} ${what}` : `best ${samples} ${what}`, 'depth'),
  title: `${moment} ${samples} ${what} by depth`,
  definition:
    moment === 'final'
      ? `${outcomeWords(samples, what)} after training, for networks of each depth.`
      : `${outcomeWords(samples, what)}, the lowest of each network’s evaluations, for each depth.`,
  axis: 'depth',
  numbers: [],
})

const correlationByDepth = (moment: 'initial' | 'final'): CurveMetric => ({
  key: curveKey(`${moment} gradient correlation`, 'depth'),
  title: `${moment} gradient correlation by depth`,
  definition: `${CORRELATION_MEANING}, ${moment === 'initial' ? 'before' : 'after'} training, for each depth.`,
  axis: 'depth',
  numbers: [],
})

const lesioned = (measure: 'cosine' | `${'' | 'train '}${Outcome}`): CurveMetric => ({
  key: curveKey(measure, 'block'),
  title: `${measure} with one block changed`,
  definition:
    measure === 'cosine'
      ? 'Mean cosine between the outputs of the intact and of the changed network.'
      : `The ${measure.replace('train ', '')} of the changed network on the evaluated ` +
        `${measure.startsWith('train') ? 'training' : 'test'} samples.`,
  axis: 'block',
  numbers: [],
})

export const CURVES: readonly CurveMetric[] = [
  signal('q', 'Mean square of h_k, forward.', [['last', 'q after the last block']]),
  signal('v', 'Batch variance of h_k, forward.', [['last', 'v after the last block']]),
  signal('m', 'Mean of h_k, forward.', [['last', 'm after the last block']]),
  signal('p', 'Mean squared gradient at h_k, over that at the top.', [['first', 'p at the input']]),
  {
    ...signal('weightGradientNorm2', 'Squared Frobenius norm of the weight gradients of block k.'),
    title: 'weight gradient norm²',
  },
  learned('test', 'error'),
  learned('train', 'error'),
  learned('test', 'loss'),
  learned('train', 'loss'),
  {
    key: curveKey('learning rate', 'step'),
    title: 'learning rate',
    definition: 'The rate of the update that comes next.',
    axis: 'step',
    numbers: [],
  },
  {
    key: curveKey('gradient correlation', 'step'),
    title: 'gradient correlation',
    definition: `${CORRELATION_MEANING}, after so many updates.`,
    axis: 'step',
    numbers: [
      { key: 'gradient correlation:first', title: 'initial gradient correlation', of: 'first' },
      { key: 'gradient correlation:last', title: 'final gradient correlation', of: 'last' },
    ],
  },
  byDepth('test', 'error', 'final'),
  byDepth('train', 'error', 'final'),
  byDepth('test', 'loss', 'final'),
  byDepth('train', 'loss', 'final'),
  byDepth('test', 'error', 'best'),
  byDepth('train', 'error', 'best'),
  byDepth('test', 'loss', 'best'),
  byDepth('train', 'loss', 'best'),
  {
    key: curveKey('p0', 'depth'),
    title: 'p at the input by depth',
    definition:
      'Mean squared gradient at the input of untrained networks, over that at the top, for each depth.',
    axis: 'depth',
    numbers: [],
  },
  correlationByDepth('initial'),
  correlationByDepth('final'),
  lesioned('cosine'),
  lesioned('error'),
  lesioned('loss'),
  lesioned('train error'),
  lesioned('train loss'),
  {
    key: curveKey('autocorrelation', 'lag'),
    title: 'autocorrelation of dy/dx',
    definition: 'Autocorrelation of the derivative along a line of inputs, over its value at lag 0.',
    axis: 'lag',
    numbers: [],
  },
  {
    ...signal('regions', 'Linear regions of the line in the network of blocks 1 to k.', [
      ['last', 'regions after the last block'],
    ]),
    title: 'linear regions',
  },
  {
    key: curveKey('share', 'length'),
    title: 'share of squared terms',
    definition: 'Share of the sum of all squared terms that paths of each length have.',
    axis: 'length',
    numbers: [],
  },
]

/** Numbers that are measured as such. */
const OWN_NUMBERS = [
  { key: 'seconds', title: 'seconds', definition: 'What the series took.' },
  { key: 'parameters', title: 'parameters', definition: 'How many numbers one network learns.' },
  { key: 'correlation', title: 'gradient correlation', definition: 'Of dy/dx at independent inputs.' },
]

export interface NumberMetric {
  key: string
  title: string
  definition: string
  /** The curve that it is read off; null: it is measured as such. */
  from: { curve: string; of: Reduction } | null
}

export const NUMBERS: readonly NumberMetric[] = [
  ...CURVES.flatMap(({ key: curve, definition, numbers }) =>
    numbers.map(({ key, title, of }) => ({ key, title, definition, from: { curve, of } })),
  ),
  ...OWN_NUMBERS.map((one) => ({ ...one, from: null })),
]

export const curveNamed = (key: string): CurveMetric | undefined => CURVES.find((one) => one.key === key)
export const numberNamed = (key: string): NumberMetric | undefined => NUMBERS.find((one) => one.key === key)
