import { messageOf } from '../../../shared/base/errors'
import { app, dialog, shell, type BrowserWindow } from 'electron'
import { statSync } from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { makePrivateFolder } from '../../files/data-folder'
import type { FileDialogs } from '../lab/front-end'
import { readOpenedFile } from '../lab/opened-file'
import { replaceFile } from '../../files/write'

/** The extension that opens with the program; plain .json works too. */
export const EXTENSION = 'reslab'

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
export function fileDialogs(window: BrowserWindow): FileDialogs {
  const choose = async (
    filters: Electron.FileFilter[],
    what: 'openFile' | 'openDirectory' = 'openFile',
  ): Promise<string | null> => {
    const options = { properties: [what], filters }
    const { canceled, filePaths } = await dialog.showOpenDialog(window, options)
    return (!canceled && filePaths[0]) || null
  }
  const mayReplace = async (folder: string): Promise<boolean> => {
    const { response } = await dialog.showMessageBox(window, {
      ...{ type: 'question', buttons: ['Replace', 'Cancel'], defaultId: 1, cancelId: 1 },
      message: `${path.basename(folder)} is there already.`,
      detail: 'An export in it gives way to the new one; a folder that holds anything else stays as it is.',
    })
    return response === 0
  }
  return {
    chooseWheel: (name) => choose([{ name: name ?? 'TensorFlow’s Python wheel', extensions: ['whl'] }]),

    async save({ name, encoding, content }, over) {
      const defaultPath = over ?? path.join(app.getPath('documents'), path.basename(name))
      const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath })
      if (canceled || !filePath) return null
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
      return filePath
    },

    async chooseArchive(name) {
      const defaultPath = path.join(app.getPath('documents'), path.basename(name))
      const { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath, filters: ARCHIVES })
      return (!canceled && filePath) || null
    },

    async chooseExport(name, isFile) {
      const defaultPath = path.join(app.getPath('documents'), path.basename(name))
      const filters = isFile ? [{ name: 'Exported networks', extensions: [path.extname(name).slice(1)] }] : []
      const { canceled, filePath } = await dialog.showSaveDialog(window, {
        ...{ title: 'Export network', defaultPath, filters, properties: ['showOverwriteConfirmation'] },
      })
      if (canceled || !filePath) return null
      // The system asks about files alone.
      const isFolder = statSync(filePath, { throwIfNoEntry: false })?.isDirectory() === true
      return !isFolder || (await mayReplace(filePath)) ? filePath : null
    },

    chooseData: (kind) =>
      kind === 'folder'
        ? choose([], 'openDirectory')
        : choose(kind === 'weights' ? WEIGHTS : kind === 'archive' ? DATA_ARCHIVES : DATA_FILES),

    async open() {
      const file = await choose([
        { name: 'Experiments and blocks', extensions: ['json', EXTENSION] },
        // Workspaces that were kept have other endings.
        ALL_FILES,
      ])
      return file === null ? null : readOpenedFile(file)
    },
  }
}

const ALL_FILES: Electron.FileFilter = { name: 'All files', extensions: ['*'] }
const DATA_FILES = [
  { name: 'Samples', extensions: ['csv', 'tsv', 'txt', 'npy', 'npz', 'gz', 'bin', 'idx', 'zip'] },
  ALL_FILES,
]
const WEIGHTS = [
  {
    name: 'Exported runs and networks, and weights',
    extensions: ['zip', 'keras', 'h5', 'onnx', 'safetensors', 'npz', 'json', 'pb'],
  },
  ALL_FILES,
]
const DATA_ARCHIVES = [{ name: 'Archives', extensions: ['tgz', 'gz', 'tar', 'deb'] }, ALL_FILES]

const ARCHIVES: Electron.FileFilter[] = [{ name: 'Exported runs', extensions: ['zip'] }]

/** In the system's file manager. @throws Error that names cause and hint */
export async function showFolder(folder: string): Promise<void> {
  // The folder is made with the first thing that is kept in it.
  makePrivateFolder(folder)
  const problem = await shell.openPath(folder)
  if (problem) throw new Error(`${folder} could not be shown (${problem}). Open it in a file manager.`)
}
