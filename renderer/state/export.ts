import { toCsv, type Cell } from '../../shared/base/csv'
import { draftOf } from '../../shared/block/draft'
import { draftText } from '../../shared/editor/text'
import { EXPERIMENT_FILE } from '../../shared/experiment/command-line'
import type { BlockGraph } from '../../shared/graph/block-graph'
import type { Experiment } from '../../shared/settings/experiment'
import type { FileContent } from '../base/files'

/** What a file holds, for its name: the view and what it shows there. */
export interface Exported {
  /** The view's id: "lesion". */
  view: string
  /** Which of the view's charts, where it has several: "each", "random-plain". */
  chart?: string
  /** Experiment of the run that is shown, which the controls may have left. */
  experiment: Experiment
}

/** The ways in which something leaves the workbench: numbers, blocks, command lines and other text. */
export class Exports {
  constructor(
    private readonly save: (file: FileContent) => Promise<unknown>,
    private readonly announce: (text: string, kind?: 'info' | 'error') => void,
  ) {}

  /** @param content a finished table, or its header and rows */
  csv(
    what: Exported,
    content: string | { header: readonly string[]; rows: Iterable<readonly Cell[]> },
  ): void {
    const text = typeof content === 'string' ? content : toCsv(content.header, content.rows)
    void this.save({ name: fileName(what, 'csv'), content: text, encoding: 'text', type: 'text/csv' })
  }

  /** A block as a file of its own, named after it, which the command line and the library of others read. */
  block(block: BlockGraph): void {
    const name = block.name.replace(/[^\p{L}\p{N} ._-]/gu, '-').slice(0, LONGEST_BLOCK_NAME)
    const file = { name: `${name}.json`, content: blockText(block), type: 'application/json' }
    void this.save({ ...file, encoding: 'text', kind: 'block' })
  }

  /**
   * A command line, to the clipboard.
   * @param words what it does, if that needs to be said
   * @param needsFile whether it reads the experiment from a file, which then must be saved
   */
  async command(text: string, words = 'Copied the command line.', needsFile = false): Promise<void> {
    const file = ` It reads the experiment from ${EXPERIMENT_FILE}: save it first (Ctrl+S).`
    await this.text(text, 'The command line', needsFile ? words + file : words)
  }

  /**
   * Any text, to the clipboard; how that ended is announced.
   * @param what begins the sentence that says why it could not be copied: "The text"
   * @param words what is announced where it was copied
   */
  async text(text: string, what: string, words: string): Promise<void> {
    try {
      await this.copy(text, what)
      this.announce(words)
    } catch (error) {
      this.announce((error as Error).message, 'error')
    }
  }

  /**
   * Any text, to the clipboard, for a dialog that has words of its own: an announcement would lie behind it.
   * @param what begins the sentence that says why it could not be copied: "The text"
   * @throws Error where the clipboard refuses it
   */
  async copy(text: string, what: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
    } catch (error) {
      throw new Error(`${what} could not be copied: ${(error as Error).message}`, { cause: error })
    }
  }
}

/** A block as people read and write it: what its file holds, and what is copied as text. */
export const blockText = (block: BlockGraph): string => draftText(draftOf(block))

const LONGEST_BLOCK_NAME = 60
/** Longer names are cut: file systems allow 255 bytes, and people read fewer. */
const LONGEST_NAME = 100

/** "residual-lab-lesion-each-relu-linear-20x100-seed-1.csv": the program, the view and its chart, the experiment. */
const fileName = (what: Exported, extension: string): string => `${fileStem(what)}.${extension}`

/** The same without an extension. */
export function fileStem({ view, chart, experiment }: Exported): string {
  const parts = ['residual-lab', view, ...(chart ? [chart] : []), experimentName(experiment)]
  return parts.join('-').toLowerCase().slice(0, LONGEST_NAME).replace(/-+$/, '')
}

/** An experiment in words of a file's name: blocks, remedies but for none, depth × width, seed. */
export function experimentName({ block, remedies, blocks, width, seed }: Experiment): string {
  const names = block.map((one) => (typeof one === 'string' ? one : one.name))
  const what = [...names, ...remedies.filter((remedy) => remedy !== 'none')].map(plain)
  return [...what, `${blocks}x${width}`, 'seed', seed].join('-')
}

/** Only what every file system takes. */
const plain = (text: string) => text.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'block'
