import { readDocument } from '../../shared/base/document'
import { parseBlockGraph } from '../../shared/block/file'
import { parseExperiment } from '../../shared/experiment/experiment'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { Experiment } from '../../shared/settings/experiment'

/** What a file holds that someone has opened: a block alone looks much like an experiment, whose blocks lie deeper. */
export type Opened = { block: BlockGraph } | { experiment: Experiment }

/** @param name of the file @throws InputError */
export function readOpened(text: string, name: string): Opened {
  const value = readDocument(text, name, 'Save an experiment from the workbench to see the form.')
  const isObject = typeof value === 'object' && value !== null
  if (isObject && 'nodes' in value && 'output' in value) return { block: parseBlockGraph(value, name) }
  return { experiment: parseExperiment(value, name) }
}
