import { readDocument } from '../../shared/base/document'
import { InputError, nearest } from '../../shared/base/errors'
import { parseBlockGraph } from '../../shared/block/file'
import { parseExperiment } from '../../shared/experiment/experiment'
import { SECTIONS } from '../../shared/settings/sections'
import { SETTINGS } from '../../shared/settings/table'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { Experiment } from '../../shared/settings/experiment'

/** What a file holds that someone has opened: a block alone looks much like an experiment, whose blocks lie deeper. */
export type Opened = { block: BlockGraph } | { experiment: Experiment }

/** @param name of the file @throws InputError */
export function readOpened(text: string, name: string): Opened {
  const value = readDocument(text, name, 'Save an experiment from the workbench to see the form.')
  const isObject = typeof value === 'object' && value !== null
  if (isObject && 'nodes' in value && 'output' in value) return { block: parseBlockGraph(value, name) }
  // A workspace that was kept aside.
  if (isObject && 'experiment' in value && 'view' in value)
    return { experiment: parseExperiment(value.experiment, `${name}.experiment`) }
  if (isObject && isForeign(value)) {
    const hint = 'Choose an experiment or a block saved by Residual Lab.'
    throw new InputError(name, 'this is neither an experiment nor a block', hint)
  }
  return { experiment: parseExperiment(value, name) }
}

const OURS = [...SETTINGS, ...SECTIONS].map(({ key }) => key as string)

/** Whether most fields are some other program's; a misspelt one of ours is said by its name. */
function isForeign(document: object): boolean {
  const fields = Object.keys(document).filter((field) => field !== 'version')
  return fields.length > 2 * fields.filter((field) => nearest(field, OURS) !== null).length
}
