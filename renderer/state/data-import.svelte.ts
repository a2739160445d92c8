import { messageOf } from '../../shared/base/errors'
import type { Task } from '../../shared/data/readers/labelled'
import { PIECE_BYTES, type GivenKind as AnyGivenKind } from '../../shared/protocol/data'
import type { DataLook, GivenFile, ListedData } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'
import { base64Of } from '../base/files'
import { bytesWords } from '../base/progress-words'

export type GivenKind = Exclude<AnyGivenKind, 'weights'>

/** A file with its place in the folder that was chosen. */
interface Placed {
  file: File
  place: string
}

/** Hands a file, or a folder's files, over to the host, piece by piece. @throws RequestError */
export async function handOver(
  connection: Connection,
  files: readonly Placed[],
  onBytes: (done: number, total: number) => void = () => {},
): Promise<GivenFile> {
  const total = files.reduce((sum, { file }) => sum + file.size, 0)
  let given: GivenFile | undefined
  let done = 0
  for (const { file, place } of files) {
    // An empty file is one piece, too.
    for (let from = 0; from === 0 || from < file.size; from += PIECE_BYTES) {
      const piece = file.slice(from, from + PIECE_BYTES)
      given = await connection.request<'data.upload'>({
        type: 'data.upload',
        file: (given as GivenFile | undefined)?.file ?? null,
        name: place,
        content: await base64Of(piece),
      })
      onBytes((done += piece.size), total)
    }
  }
  if (!given) throw new Error('There is no file in it. Choose another.')
  return given
}

/** Files that were dropped or chosen, with their places where they come of a folder. */
export const placed = (files: readonly File[]): Placed[] =>
  files.map((file) => ({ file, place: file.webkitRelativePath || file.name }))

/** What the form calls what `data import` has options for. */
export const IMPORT_FIELDS = {
  name: 'Name',
  target: 'Target',
  task: 'Task',
  separator: 'Separator',
  header: 'First line',
  labels: 'Labels',
  size: 'Size of pictures',
  grey: 'grey',
  'test-share': 'Test share',
  seed: 'Seed of the split',
} as const

/** An error of the import, which names options, in the form's words. */
export const inFormWords = (message: string): string =>
  message.replace(/--([a-z-]+)/g, (option, name: string) =>
    Object.hasOwn(IMPORT_FIELDS, name) ? IMPORT_FIELDS[name as keyof typeof IMPORT_FIELDS] : option,
  )

/** Taking in data of the user's: a file, how it is read, a look at what was read, and then keeping it. */
export class DataImport {
  file = $state.raw<GivenFile | null>(null)
  labels = $state.raw<GivenFile | null>(null)
  /** Columns of a table; null: it is none. */
  columns = $state.raw<readonly string[] | null>(null)
  name = $state('')
  target = $state('')
  /** Empty: found out. */
  task = $state<'' | Task>('')
  separator = $state('')
  header = $state<'' | 'on' | 'off'>('')
  /** "32x32"; empty: as the first picture. */
  size = $state('')
  grey = $state(false)
  testShare = $state('0.2')
  seed = $state('1')
  look = $state.raw<DataLook | null>(null)
  /** What is being done, for people; null: nothing. */
  busy = $state<string | null>(null)
  problem = $state<string | null>(null)

  constructor(private readonly connection: Connection) {}

  get isOpen(): boolean {
    return this.file !== null || this.busy !== null || this.problem !== null
  }

  /** A folder, or an archive of one, may hold pictures. */
  get mayHoldPictures(): boolean {
    return (
      this.file !== null &&
      this.columns === null &&
      !/\.(np[yz]|gz|bin|idx\w*)$|-ubyte$/i.test(this.file.name)
    )
  }

  /** What is asked of the file is another: what was read of it is not that any more. */
  changed(): void {
    if (this.look) this.#forget()
    this.look = null
    this.problem = null
  }

  /** Begins with a file that the host's dialog, or the page, was given. */
  async begin(give: (onBytes: (done: number, total: number) => void) => Promise<GivenFile | null>) {
    await this.#during('Handing it over', async () => {
      const given = await give((done, total) => {
        this.busy = `Handing it over: ${Math.floor((100 * done) / Math.max(1, total))} %`
      })
      if (!given) return
      this.discard()
      this.file = given
      this.name = nameOf(given.name)
      await this.#askColumns()
    })
  }

  async addLabels(give: () => Promise<GivenFile | null>): Promise<void> {
    await this.#during('Handing it over', async () => {
      const given = await give()
      if (given) this.labels = given
    })
  }

  /** The columns are others where they are separated otherwise. */
  async askColumns(): Promise<void> {
    this.target = ''
    await this.#during('Reading the columns', () => this.#askColumns())
  }

  async #askColumns() {
    if (!this.file) return
    this.columns = await this.connection.request<'data.columns'>({
      type: 'data.columns',
      file: this.file.file,
      ...this.#table(),
    })
  }

  async read(): Promise<void> {
    const { file, name, target, task, labels, size, grey, testShare, seed } = this
    if (!file) return
    await this.#during('Reading it', async () => {
      const request = this.connection.request<'data.look'>(
        {
          type: 'data.look',
          name: name.trim(),
          file: file.file,
          ...(labels ? { labels: labels.file } : {}),
          ...(target ? { target } : {}),
          ...(task ? { task } : {}),
          ...this.#table(),
          ...(size ? { size } : {}),
          grey,
          testShare,
          seed,
        },
        (event) => {
          if (event.type === 'progress' && this.file === file)
            this.busy = `${event.message}: ${bytesWords(event)}`
        },
      )
      const look = await request.catch((error: unknown) => {
        if (this.file === file) throw error
        return null
      })
      // It was cancelled, perhaps when it was read already.
      if (this.file === file) this.look = look
      else if (look) this.#forget(look)
    })
  }

  /** @returns what is in the list now; null where it could not be kept */
  async keep(): Promise<ListedData | null> {
    const { look } = this
    if (!look) return null
    let kept: ListedData | null = null
    await this.#during('Keeping it', async () => {
      kept = await this.connection.request<'data.keep'>({ type: 'data.keep', look: look.look })
      this.look = null
      this.discard()
    })
    return kept
  }

  /** Ends what is being read, too; nothing is kept of it. */
  discard(): void {
    if (this.busy !== null || this.look) this.#forget()
    this.file = this.labels = this.columns = this.look = this.problem = null
    this.name = this.target = this.task = this.separator = this.header = this.size = ''
    this.grey = false
    this.testShare = '0.2'
    this.seed = '1'
  }

  /** The host reads no more, and removes what it has stored of it. */
  #forget(look = this.look) {
    const request = { type: 'data.forget', look: look?.look ?? null } as const
    this.connection.request<'data.forget'>(request).catch(() => {})
  }

  #table() {
    const { separator, header } = this
    return { ...(separator ? { separator } : {}), ...(header ? { header } : {}) }
  }

  async #during(words: string, work: () => Promise<void>) {
    if (this.busy !== null) return
    this.problem = null
    this.busy = words
    try {
      await work()
    } catch (error) {
      this.look = null
      this.problem = inFormWords(messageOf(error))
    } finally {
      this.busy = null
    }
  }
}

/** A name for a data set out of a file's. */
export const nameOf = (file: string): string =>
  file
    .replace(/(\.[a-z]{1,5}){1,2}$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+|-+$/g, '')
    .slice(0, 60)
