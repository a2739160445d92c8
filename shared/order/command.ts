import { PROGRAM } from '../base/program'
import { EXPERIMENT_FILE, commandText } from '../experiment/command-line'
import type { OrderSettings } from '../settings/order'
import type { Experiment } from '../settings/experiment'
import { ownBlocks } from './set'

/** The command line that measures, and trains, the same set. */
export function orderCommand(experiment: Experiment, order: OrderSettings): string {
  // A file holds the set as well.
  if (orderNeedsFile(experiment, order)) return `${PROGRAM} order --experiment ${EXPERIMENT_FILE}`
  const { blocks, remedies, seeds, train } = order
  const set = [
    // The command's own default is another than the table's.
    ...(remedies.join() === 'none' ? ['--remedies none'] : []),
    ...(seeds > 1 ? [`--order-seeds ${seeds}`] : []),
    ...(train ? ['--train on'] : []),
  ]
  const document: Experiment = { ...experiment, block: blocks, compare: [], remedies, order }
  return [commandText(document, EXPERIMENT_FILE, 'order'), ...set].join(' ')
}

/** Whether the command reads the experiment from a file: drawn blocks and stages have no options. */
export function orderNeedsFile(experiment: Experiment, { blocks }: OrderSettings): boolean {
  return experiment.network !== undefined || ownBlocks(experiment).some(({ name }) => blocks.includes(name))
}
