import { joinWords } from '../../shared/base/format'
import { LONGEST_DOCUMENT } from '../../shared/base/document'
import { InputError, messageOf } from '../../shared/base/errors'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { Experiment } from '../../shared/settings/experiment'
import { readUntrusted } from '../compute/unpack'

/** More at once are no choice but an accident. */
const MOST_FILES = 20
/** Files of which is said what is wrong with them. */
const MOST_PROBLEMS = 3

const HINT = 'Choose an experiment or a block saved by Residual Lab.'

/** What is in files that were given to a window at once. */
export interface Given {
  blocks: { graph: BlockGraph; name: string }[]
  /** The one that the window is to show. */
  experiment: { value: Experiment; name: string } | null
  /** What of them was left, in sentences; empty: nothing. */
  left: string
}

/** The text of a file that the page was given. @throws InputError */
export async function textOf(file: File): Promise<string> {
  if (file.size > LONGEST_DOCUMENT) throw new InputError(file.name, 'this file is larger than 8 MB', HINT)
  try {
    return await file.text()
  } catch {
    // A folder, too, can be dropped.
    throw new InputError(file.name, 'it cannot be read as a file', HINT)
  }
}

/**
 * Reads files one after the other, each in a worker. A window shows one experiment, the first; blocks are as many as
 * there are.
 * @param read for tests
 */
export async function readGiven(files: readonly File[], read = readUntrusted): Promise<Given> {
  const blocks: Given['blocks'] = []
  const experiments: NonNullable<Given['experiment']>[] = []
  const problems: string[] = []
  for (const file of files.slice(0, MOST_FILES)) {
    const { name } = file
    try {
      const opened = await read('opened', { text: await textOf(file), name }, name)
      if ('block' in opened) blocks.push({ graph: opened.block, name })
      else experiments.push({ value: opened.experiment, name })
    } catch (error) {
      problems.push(messageOf(error))
    }
  }
  const [experiment = null, ...others] = experiments
  return { blocks, experiment, left: leftWords(others, problems, files.length - MOST_FILES) }
}

function leftWords(
  others: readonly { name: string }[],
  problems: readonly string[],
  tooMany: number,
): string {
  const more = problems.length - MOST_PROBLEMS
  const names = joinWords(others.map(({ name }) => name))
  return [
    names && `A window shows one experiment: ${names} ${others.length === 1 ? 'was' : 'were'} not opened.`,
    ...problems.slice(0, MOST_PROBLEMS),
    more > 0 && `${more} more ${more === 1 ? 'file is' : 'files are'} none of ours.`,
    tooMany > 0 && `Of so many files only the first ${MOST_FILES} were looked at.`,
  ]
    .filter(Boolean)
    .join(' ')
}
