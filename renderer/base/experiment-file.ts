import { readDocument } from '../../shared/base/document'
import { InputError } from '../../shared/base/errors'

/** The value in an opened file; what can be said of it as a file is said here. @throws InputError */
export function readExperimentFile(text: string, name: string): unknown {
  const value = readDocument(text, name, 'Save an experiment from the workbench to see the form.')
  refuseBlock(value, name)
  return value
}

/** A block's file looks much like an experiment's; "no such setting: nodes" would help nobody. */
function refuseBlock(value: unknown, name: string): void {
  if (typeof value !== 'object' || value === null || !('nodes' in value && 'output' in value)) return
  throw new InputError(
    name,
    'this is a block, not an experiment',
    'Put it into the list "block" of a saved experiment, and open that.',
  )
}
