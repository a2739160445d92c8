import type { CodeFramework } from '../../../shared/export/frameworks'
import { exportedNetwork } from '../../../shared/export/network'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import type { Experiment } from '../../../shared/settings/experiment'

export interface CodeChoice {
  framework: CodeFramework
  remedy: string
  /** Whether it is the network that is trained, with its stem, its head and a linear layer to the outputs. */
  hasHead: boolean
}

/**
 * The document's whole network of one block as code; the same as the command `code` prints.
 * @throws InputError where the network cannot be built
 */
export function networkCode(graph: BlockGraph, document: Experiment, choice: CodeChoice): string {
  const experiment: Experiment = { ...document, block: [graph], compare: [], remedies: [choice.remedy] }
  return choice.framework.write(exportedNetwork(experiment, 0, choice.hasHead))
}
