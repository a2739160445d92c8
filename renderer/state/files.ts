import { EXPERIMENT_FILE } from '../../shared/experiment/command-line'
import type { OpenedFile, RecentFile } from '../../shared/protocol/protocol'
import type { Experiment } from '../../shared/settings/experiment'
import type { Connection } from '../base/connection'
import { chooseFile, download, type FileContent } from '../base/files'
import { readUntrusted } from '../compute/unpack'
import type { Announcements } from './announcements.svelte'
import type { BlockLibrary } from './block-library.svelte'
import type { DocumentFile } from './document-file.svelte'
import { readGiven } from './dropped'
import type { ExperimentState } from './experiment-state.svelte'
import type { RecentFiles } from './recent-files.svelte'

/** What files are opened into and saved from. */
interface Shown {
  connection: Connection
  experiment: ExperimentState
  /** The file that the experiment came from. */
  file: DocumentFile
  library: BlockLibrary
  recent: RecentFiles
  announcements: Announcements
  /** Whether the host has native dialogs; a browser has its own. */
  hasNativeDialogs: () => boolean
}

/** Opens and saves files, in every host. */
export class Files {
  constructor(private readonly shown: Shown) {}

  /** Asks which. */
  async open(): Promise<void> {
    const { connection, announcements, hasNativeDialogs } = this.shown
    if (hasNativeDialogs()) {
      await announcements.attempt(async () => {
        const file = await connection.request<'file.open'>({ type: 'file.open' })
        if (file) await this.openRead(file)
      })
    } else {
      const file = await chooseFile()
      if (file) await this.openGiven([file])
    }
  }

  /** Files that the page was given: dropped, or chosen in a browser. */
  async openGiven(files: readonly File[]): Promise<void> {
    const { library, announcements } = this.shown
    const { blocks, experiment, left } = await readGiven(files)
    for (const { graph, name } of blocks) library.show(graph, name)
    if (experiment) this.#show(experiment.value, experiment.name, null)
    const words = experiment ? `Opened ${experiment.name}.` : ''
    if (left) announcements.announce([words, left].filter(Boolean).join(' '), 'error')
    else if (words) announcements.announce(words)
  }

  /** A file that the host has read; what is in it is read in a worker. */
  async openRead({ text, path, id }: OpenedFile): Promise<void> {
    const { library, recent, announcements } = this.shown
    await announcements.attempt(async () => {
      const opened = await readUntrusted('opened', { text, name: path }, path)
      // A block alone is shown before it is put anywhere.
      if ('block' in opened) library.show(opened.block, path)
      else {
        this.#show(opened.experiment, path, id)
        announcements.announce(`Opened ${path}.`)
      }
      await recent.remember(id, 'block' in opened ? 'block' : 'experiment')
    })
  }

  /** One of the files that were opened or saved last. @returns whether it could be read */
  async openRecent(file: RecentFile): Promise<boolean> {
    const opened = await this.shown.recent.open(file)
    if (opened) await this.openRead(opened)
    return opened !== null
  }

  async saveExperiment(): Promise<void> {
    const { experiment, file } = this.shown
    const saved = await this.save({
      name: file.name ?? EXPERIMENT_FILE,
      content: `${JSON.stringify(experiment.document, null, 2)}\n`,
      encoding: 'text',
      type: 'application/json',
      kind: 'experiment',
    })
    if (saved) file.is(saved.path, saved.id)
  }

  /** @returns where it is now; null: nowhere */
  async save(content: FileContent): Promise<{ path: string; id: string | null } | null> {
    const { connection, file, recent, announcements, hasNativeDialogs } = this.shown
    if (!hasNativeDialogs()) {
      download(content)
      return { path: content.name, id: null }
    }
    const { name, encoding, kind } = content
    const over = (kind === 'experiment' && file.id) || undefined
    return announcements.attempt(async () => {
      const saved = await connection.request<'file.save'>({
        ...{ type: 'file.save', name, content: content.content, encoding, over },
      })
      if (saved.path === null) return null
      announcements.announce(`Saved ${saved.path}.`)
      if (kind) await recent.remember(saved.id, kind)
      return saved
    })
  }

  #show(value: Experiment, path: string, id: string | null) {
    this.shown.experiment.open(value, path)
    this.shown.file.is(path, id)
  }
}
