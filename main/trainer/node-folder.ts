import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Place } from '../../shared/protocol/protocol'
import { removeLeftovers, replaceFileInParts } from '../files/write-now'
import { openFile } from './engine/checkpoint/safetensors'
import type { RunFolder } from './engine/run-folder'

/** The folder of a run on this machine's disk. */
export function nodeFolder({ folder, resume, isReadOnly = false }: Place): RunFolder {
  const pathOf = (name: string) => path.join(folder, name)
  return {
    resume,
    isReadOnly,
    pathOf,
    async open(name) {
      if (!fs.existsSync(pathOf(name))) return null
      removeLeftovers(pathOf(name))
      return openFile(pathOf(name))
    },
    write: (name, parts) => replaceFileInParts(pathOf(name), parts),
    async remove(name) {
      fs.rmSync(pathOf(name), { recursive: true, force: true })
    },
    async within(name, resumeThere) {
      if (!fs.existsSync(pathOf(name))) fs.mkdirSync(pathOf(name), { mode: 0o700 })
      return nodeFolder({ folder: pathOf(name), resume: resumeThere, isReadOnly })
    },
  }
}
