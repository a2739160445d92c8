import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { InputError } from '../../../shared/base/errors'
import { formatBytes } from '../../../shared/base/format'
import { exportCommandText, exportName, isOneFile } from '../../../shared/export/command'
import type { ExportedRun, ExportSettings } from '../../../shared/export/forms'
import type { ExportReplies, ExportResult } from '../../../shared/protocol/exports'
import { zipBytes } from '../../export/zip'
import { MOST_BYTES } from '../../runs/export-file'
import type { RunLibrary } from '../../runs/library'
import { removedAtEnd } from '../../runtime/tools'
import { exportInThread } from './export-in-thread'
import type { Asked, Asker, Connection, FrontEnd } from './front-end'
import { inThread } from './in-thread'
import type { Stoppable } from './stoppable'

interface Options {
  /** The user's data folder. */
  folder: string
  runs: Pick<RunLibrary, 'open'>
  frontEndOf: (connection: Connection) => FrontEnd
  stoppable: Stoppable['during']
  /** Where the bundle of the host's thread lies; left out: beside the host's. */
  threadFolder?: string
}

type Settings = ExportSettings & { run: string }

/** Exports of networks for a host's front ends: threads make them, so that the host goes on hearing others. */
export function createExports({ folder, runs, frontEndOf, stoppable, threadFolder }: Options) {
  /** In a folder that goes: the file, or what there is as a .zip. */
  async function asDownload(
    name: string,
    make: (out: string) => Promise<ExportedRun[]>,
  ): Promise<ExportResult> {
    const own = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-export-'))
    const forget = removedAtEnd(own)
    try {
      const exports = await make(path.join(own, name))
      const files = filesIn(own)
      const isAlone = files.length === 1
      const content = isAlone ? fs.readFileSync(path.join(own, name)) : await zipBytes(contents(own, files))
      return {
        exports,
        path: isAlone ? name : `${path.parse(name).name}.zip`,
        content: content.toString('base64'),
      }
    } finally {
      fs.rmSync(own, { recursive: true, force: true })
      forget()
    }
  }

  return {
    async check({ run, ...settings }: Settings, asked: Asked): Promise<ExportReplies['export.check']> {
      try {
        const bytes = await stoppable(asked, (signal) =>
          inThread('exportSize', { folder, run, settings }, { signal, folder: threadFolder }),
        )
        return { problem: null, bytes: bytes ?? 0 }
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        return { problem: { where: error.where, text: error.sentence } }
      }
    },

    /** @throws InputError for what cannot be exported; Error that names cause and hint */
    async run({ run, ...settings }: Settings, asked: Asker): Promise<ExportResult | null> {
      const name = exportName(runs.open(run).entry.name, settings)
      const { files } = frontEndOf(asked.from)
      const out = files ? await files.chooseExport(name, isOneFile(settings)) : null
      if (files && out === null) return null
      return stoppable(asked, async (signal) => {
        const options = { signal, onProgress: asked.tell, folder: threadFolder }
        // A dialog has asked whether what is there gives way.
        const make = (place: string) =>
          exportInThread(folder, run, { ...settings, out: place, force: true }, options)
        if (out !== null) return { exports: await make(out), path: out, content: null }
        const made = await asDownload(name, make)
        if (made.content!.length <= MOST_BYTES * BASE64) return made
        throw new Error(
          `This export takes more than ${formatBytes(MOST_BYTES)}, which a page is not given. Export it by ` +
            `\`${exportCommandText(run, settings, name)}\`.`,
        )
      })
    },
  }
}

/** Characters of base64 for each byte. */
const BASE64 = 4 / 3

/** Paths of all files in a folder and those in it, with "/" between, in one order everywhere. */
function filesIn(folder: string, before = ''): string[] {
  return fs
    .readdirSync(path.join(folder, before), { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesIn(folder, `${before}${entry.name}/`) : [`${before}${entry.name}`],
    )
    .sort()
}

const contents = (folder: string, files: readonly string[]) =>
  new Map(files.map((file) => [file, fs.readFileSync(path.join(folder, ...file.split('/')))]))
