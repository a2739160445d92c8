import { messageOf } from '../../../shared/base/errors'
import { app, dialog, type BrowserWindow } from 'electron'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FileDialogs } from '../lab/lab'
import { readTextFile } from '../../files/read'
import { replaceFile } from '../../files/write'

/** The extension that opens with the program; plain .json works too. */
export const EXTENSION = 'reslab'

export interface OpenedFile {
  path: string
  text: string
}

/** @throws Error that names cause and hint */
export async function readExperimentFile(file: string): Promise<OpenedFile> {
  try {
    return { path: file, text: readTextFile(file) }
  } catch (error) {
    const reason = messageOf(error)
    throw new Error(`${file} could not be opened (${reason}). Choose an experiment saved by Residual Lab.`, {
      cause: error,
    })
  }
}

/** The file that a command line names, if any: `residual-lab experiment.json`, or as desktops do, `file:///…`. */
export function fileInArguments(argv: readonly string[], folder: string): string | null {
  const isFile = (argument: string) => !argument.startsWith('-') && /\.(json|reslab)$/i.test(argument)
  const file = argv.slice(1).find(isFile)
  if (!file) return null
  if (!/^file:/i.test(file)) return path.resolve(folder, file)
  try {
    return fileURLToPath(file)
  } catch {
    // On another machine, or no address at all.
    return null
  }
}

/** Native dialogs on top of the given window. */
export function fileDialogs(windowOf: () => BrowserWindow | null): FileDialogs {
  const choose = async (filter: Electron.FileFilter): Promise<string | null> => {
    const options = { properties: ['openFile' as const], filters: [filter] }
    const window = windowOf()
    const { canceled, filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options))
    return (!canceled && filePaths[0]) || null
  }
  return {
    chooseWheel: (name) => choose({ name: name ?? 'TensorFlow’s Python wheel', extensions: ['whl'] }),

    async save({ name, encoding, content }) {
      const options = { defaultPath: path.join(app.getPath('documents'), path.basename(name)) }
      const window = windowOf()
      const { canceled, filePath } = await (window
        ? dialog.showSaveDialog(window, options)
        : dialog.showSaveDialog(options))
      if (canceled || !filePath) return { path: null }
      try {
        await replaceFile(filePath, encoding === 'base64' ? Buffer.from(content, 'base64') : content, 0o666)
      } catch (error) {
        const reason = messageOf(error)
        throw new Error(
          `${filePath} could not be written (${reason}). Choose another folder or free some space.`,
          {
            cause: error,
          },
        )
      }
      return { path: filePath }
    },

    async open() {
      const file = await choose({ name: 'Experiments', extensions: ['json', EXTENSION] })
      return file === null ? null : readExperimentFile(file)
    },
  }
}
