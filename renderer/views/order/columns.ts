import { ERROR_MEANING } from '../../../shared/data/measures'
import type { OrderColumn } from '../../../shared/order/ranks'

export interface Column {
  id: OrderColumn
  title: string
  definition: string
}

const GROWTH = [
  'geometric mean over the blocks of the ratio of neighbouring mean squares,',
  'from measured means over all networks: (last/first)^(1/blocks).',
  'Beside it, theory’s. Values that are not finite end the count.',
].join(' ')

/**
 * The columns of the ranked table.
 * @param isTrained whether any row has been trained
 * @param seeds how many each row is measured with
 */
export function columnsOf(isTrained: boolean, seeds: number): Column[] {
  const networks = `Networks measured to the end: seeds × replicas (${seeds} ${seeds === 1 ? 'seed' : 'seeds'}).`
  return [
    {
      id: 'rank',
      title: '#',
      definition: [
        'Rank: by how far the growth per block is from ×1, forward or backward, whichever is farther;',
        'what fails comes after what does not.',
      ].join(' '),
    },
    { id: 'block', title: 'Ordering', definition: 'The block; click a row to mark it in every view.' },
    { id: 'remedy', title: 'Remedy', definition: 'What was changed about it.' },
    {
      id: 'forward',
      title: 'Forward',
      definition: `Growth of q per block, from the input up: ${GROWTH}`,
    },
    {
      id: 'backward',
      title: 'Backward',
      definition: `Growth of p per block, from the top down: ${GROWTH}`,
    },
    {
      id: 'failure',
      title: 'First failure',
      definition: 'Where numbers first stop being finite at initialisation: what, and after which block.',
    },
    ...(isTrained ? TRAINED : []),
    {
      id: 'seconds',
      title: 'Time',
      definition: [
        'Of training this row where it was trained to the end, else of measuring it at initialisation;',
        'all its networks and seeds together.',
      ].join(' '),
    },
    {
      id: 'n',
      title: 'n',
      definition: isTrained ? `${networks} After the comma, those trained.` : networks,
    },
  ]
}

const TRAINED: Column[] = [
  {
    id: 'trainError',
    title: 'Train error',
    definition: [
      `${ERROR_MEANING} on the evaluated training samples after training: mean, and 5th to 95th percentile,`,
      'over the networks;',
      'grey while it trains and where it was stopped: on the last batches.',
    ].join(' '),
  },
  {
    id: 'testError',
    title: 'Test error',
    definition: [
      `${ERROR_MEANING} on the evaluated test samples after training: mean, and 5th to 95th percentile,`,
      'over the networks. Trained orderings are sorted by it at first.',
    ].join(' '),
  },
]
