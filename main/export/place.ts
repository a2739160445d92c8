import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, messageOf } from '../../shared/base/errors'
import { TORCH_WEIGHTS } from '../../shared/export/pytorch/code'
import { withoutTemporary } from '../files/write'
import { temporaryFolderOf } from '../files/write-now'
import { EXPORT_TEXT, PROOF_TEXT, README_TEXT } from './format'
import { KERAS_LAYERS_FILE } from './keras/custom'

export interface ExportPlace {
  /** Where it goes: of one network the format's folder or file, of several a folder of these. */
  out: string
  /** Whether an export that is there gives way. */
  force: boolean
}

/**
 * Puts exports in their place, whole or not at all.
 * @param write makes the folder that it is given, beside the place, and leaves in it what is to go there: under the
 * name of the place, and what goes beside it under its own
 * @param isOurs whether a folder that is there holds nothing else than what is replaced
 * @throws InputError where the place is taken; what `write` throws; Error that names cause and hint
 */
export async function intoPlace<T>(
  { out: given, force }: ExportPlace,
  write: (folder: string) => Promise<T> | T,
  isOurs: (folder: string) => boolean = isExport,
): Promise<T> {
  const out = path.resolve(given)
  checkPlace(out, force, isOurs)
  const folder = temporaryFolderOf(out)
  try {
    const written = await write(folder)
    return await orSaid(out, () => {
      const name = path.basename(out)
      for (const beside of fs.readdirSync(folder).filter((one) => one !== name))
        fs.renameSync(path.join(folder, beside), path.join(path.dirname(out), beside))
      exchange(path.join(folder, name), out)
      return written
    })
  } finally {
    withoutTemporary(folder)
  }
}

/** What was there goes once the new one is in its place. @throws Error of the system */
function exchange(made: string, out: string): void {
  const old = fs.existsSync(out) ? temporaryFolderOf(out) : null
  if (old) fs.renameSync(out, old)
  try {
    fs.renameSync(made, out)
  } catch (error) {
    if (old) fs.renameSync(old, out)
    throw error
  }
  if (old) withoutTemporary(old)
}

/** @throws InputError where something is there that is not to give way */
function checkPlace(out: string, force: boolean, isOurs: (folder: string) => boolean): void {
  const parent = path.dirname(out)
  if (!fs.existsSync(parent))
    throw new InputError('out', `there is no folder ${parent}`, 'Make it first, or give another path.')
  const found = fs.statSync(out, { throwIfNoEntry: false })
  if (!found) return
  if (!force)
    throw new InputError('out', `${out} is there already`, 'Give another path, or --force to replace it.')
  // Replaced is what an export has left, and nothing else that may be somebody's.
  if (!found.isDirectory() || isOurs(out)) return
  throw new InputError('out', `${out} is a folder that holds no export`, 'Give another path, or empty it.')
}

/** What exports leave in a folder, and Python beside it once it was imported. */
const LEFT = new Set([
  ...[README_TEXT, EXPORT_TEXT, PROOF_TEXT, 'model.py', TORCH_WEIGHTS, '__pycache__'],
  ...['model.json', 'weights.bin', 'model.js', 'saved_model.pb', KERAS_LAYERS_FILE],
])

const REPLICA = /^replica-\d+(\.\w+)?$/

/** A file of anybody else's keeps a folder from being replaced, and so do names that others have, too. */
function isExport(folder: string): boolean {
  const names = fs.readdirSync(folder)
  const isMarked = names.some((name) => name === EXPORT_TEXT || REPLICA.test(name))
  return names.length === 0 || (isMarked && names.every((name) => LEFT.has(name) || REPLICA.test(name)))
}

/** Errors of the system with what was to be written and what helps. */
export async function orSaid<T>(out: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!code) throw error
    const hint =
      code === 'ENOSPC' || code === 'EDQUOT' ? 'Free some space.' : 'Choose a folder that can be written.'
    throw new Error(`${out} could not be written (${messageOf(error)}). ${hint}`, { cause: error })
  }
}
