import { toCsv } from '../../shared/base/csv'
import { type Cell } from '../../shared/base/csv'
import { EXPERIMENT_FILE } from '../../shared/experiment/command-line'
import type { Experiment } from '../../shared/settings/experiment'
import type { FileContent } from '../base/files'

/** What a file holds, for its name: the view and what it shows there. */
export interface Exported {
  /** The view's id: "lesion". */
  view: string
  /** Which of the view's charts, where it has several: "each", "random-plain". */
  chart?: string
  /** Of the run that is shown, not of the controls. */
  experiment: Experiment
}

/** The ways in which something leaves the workbench: numbers, pictures, command lines. */
export class Exports {
  constructor(
    private readonly save: (file: FileContent) => Promise<void>,
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

  /** @param png base64, as `figurePng` gives it */
  picture(what: Exported, png: string): void {
    void this.save({ name: fileName(what, 'png'), content: png, encoding: 'base64', type: 'image/png' })
  }

  /**
   * A command line, to the clipboard.
   * @param words what it does, if that needs to be said
   * @param needsFile whether it reads the experiment from a file, which then must be saved
   */
  async command(text: string, words = 'Copied the command line.', needsFile = false): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      const file = ` It reads the experiment from ${EXPERIMENT_FILE}: save it first (Ctrl+S).`
      this.announce(needsFile ? words + file : words)
    } catch (error) {
      this.announce(`The command line could not be copied: ${(error as Error).message}`, 'error')
    }
  }
}

/** Longer names are cut: file systems allow 255 bytes, and people read fewer. */
const LONGEST_NAME = 100

/** "residual-lab-lesion-each-relu-linear-20x100-seed-1.csv": the program, the view and its chart, the experiment. */
export function fileName({ view, chart, experiment }: Exported, extension: string): string {
  const parts = ['residual-lab', view, ...(chart ? [chart] : []), experimentName(experiment)]
  const name = parts.join('-').toLowerCase()
  return `${name.slice(0, LONGEST_NAME).replace(/-+$/, '')}.${extension}`
}

/** An experiment in words of a file's name: blocks, remedies but for none, depth × width, seed. */
export function experimentName({ block, remedies, blocks, width, seed }: Experiment): string {
  const names = block.map((one) => (typeof one === 'string' ? one : one.name))
  const what = [...names, ...remedies.filter((remedy) => remedy !== 'none')].map(plain)
  return [...what, `${blocks}x${width}`, 'seed', seed].join('-')
}

/** Only what every file system takes. */
const plain = (text: string) => text.replace(/[^\w-]+/g, '-').replace(/^-+|-+$/g, '') || 'block'
