import { ERROR_MEANING, LOSS_MEANING } from '../../../shared/data/measures'
import type { LesionKind, LesionStatistics } from '../../../shared/settings/lesion'
import type { Side } from '../../state/lesion-run.svelte'

/** Titles and definitions of the Lesions view. */
export const EACH_TITLES: Record<LesionKind, string> = {
  delete: 'Each block deleted in turn',
  duplicate: 'Each block running twice in turn',
  exchange: 'Each block exchanged with the next',
}

export const SIDE_TITLES: Record<Side, string> = { residual: 'Residual', plain: 'Plain (skip removed)' }

export const MEASURES = [
  {
    value: 'error',
    label: 'test error',
    definition: `${ERROR_MEANING} of the changed network on the evaluated test samples.`,
  },
  {
    value: 'train error',
    label: 'training error',
    definition: `${ERROR_MEANING} of the changed network on the evaluated training samples.`,
  },
  {
    value: 'loss',
    label: 'test loss',
    definition: `${LOSS_MEANING} of the changed network on the evaluated test samples.`,
  },
  {
    value: 'train loss',
    label: 'training loss',
    definition: `${LOSS_MEANING} of the changed network on the evaluated training samples.`,
  },
  {
    value: 'cosine',
    label: 'cosine',
    definition: 'Between the outputs of the intact and of the changed network, per test sample.',
  },
] as const

export const KINDS: readonly { value: LesionKind; label: string; definition: string }[] = [
  { value: 'delete', label: 'delete', definition: 'Each block in turn becomes the identity.' },
  {
    value: 'duplicate',
    label: 'run twice',
    definition: 'Each block in turn runs twice, one after the other.',
  },
  {
    value: 'exchange',
    label: 'exchange',
    definition: 'Each block in turn changes places with the next one.',
  },
]

export const TIMES = [
  { value: 'initial', label: 'at initialisation', definition: 'Networks as they are drawn.' },
  {
    value: 'trained',
    label: 'trained',
    definition:
      'Trains the networks first, as the Training fields on the left say (the data set behind a linear stem), ' +
      'then changes them.',
  },
] as const

export const STATISTICS: readonly { value: LesionStatistics; label: string; definition: string }[] = [
  {
    value: 'intact',
    label: 'running statistics',
    definition:
      'Batch norm keeps the running statistics of the trained, intact network, whatever is done to its blocks.',
  },
  {
    value: 'changed',
    label: 'recomputed',
    definition: 'Batch norm takes the statistics of the network with changed blocks, layer by layer.',
  },
]

export const NUMBERS = [
  { key: 'draws', label: 'Random choices', definition: 'For each number of deleted blocks.' },
  { key: 'replicas', label: 'Networks', definition: 'Independent networks of each curve.' },
  { key: 'batch', label: 'Samples', definition: 'That go through the networks together.' },
] as const
