import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError, messageOf } from '../../shared/base/errors'
import { foldBatchNorms } from '../../shared/export/fold'
import { replaceFileNow, temporaryFolderOf } from '../files/write-now'
import { withoutTemporary } from '../files/write'
import type { RunLibrary } from '../runs/library'
import { exportDocument, readmeText } from './about'
import { EXPORT_MODE, type ExportFormat } from './format'
import { KERAS_LAYERS_FILE } from './keras/custom'
import { proveExport, type Proof } from './proof'
import { arrayNames, openSources, type ExportChoice, type ExportSource } from './source'

export interface ExportRequest extends ExportChoice {
  format: ExportFormat
  /** Where it goes: of one network the format's folder or file, of several a folder of these. */
  out: string
  isFloat16: boolean
  /** Whether batch norms become part of the layers before them. */
  fold: boolean
  /** Of the weights, in the user's words; null: not stated. */
  licence: string | null
  /** Whether an export that is there gives way. */
  force: boolean
}

/** One network that was exported. */
export interface ExportedRun {
  path: string
  series: number
  replica: number
  network: string
  proof: Omit<Proof, 'check'>
}

/**
 * Exports networks of a run, whole or not at all: each is written beside its place, opened again and compared there,
 * and put in place once all are.
 * @param tell what is done now, as a clause
 * @throws InputError for what cannot be exported, or where PATH is taken; Error that names cause and hint
 */
export async function exportRun(
  library: RunLibrary,
  run: string,
  request: ExportRequest,
  tell: (what: string) => void = () => {},
): Promise<ExportedRun[]> {
  const { format } = request
  const out = path.resolve(request.out)
  checkPlace(out, request)
  const opened = openSources(library, run, request)
  const sources = request.fold ? opened.map(folded) : opened
  for (const source of sources) {
    if (request.isFloat16) checkHalf(source)
    format.check?.(source, request.isFloat16)
  }
  const isOne = request.replica !== null || sources.length === 1
  const beside = format.beside?.(sources[0]) ?? null
  const besideFile = beside && path.join(path.dirname(out), beside.name)
  if (beside && isOne) checkBeside(besideFile!, beside.text, request.force)
  const temporary = temporaryFolderOf(out)
  const nameOf = ({ replica }: ExportSource) =>
    isOne ? '' : `replica-${replica}${format.is === 'file' ? path.extname(out) || `.${format.name}` : ''}`
  try {
    return await orSaid(out, async () => {
      if (!isOne) fs.mkdirSync(temporary)
      const done: ExportedRun[] = []
      for (const [i, source] of sources.entries()) {
        tell(`exporting replica ${source.replica}${isOne ? '' : `, ${i + 1} of ${sources.length}`}`)
        const proof = await exportOne(path.join(temporary, nameOf(source)), source, request)
        const { check: _check, ...shown } = proof
        const { series, replica, network } = source
        done.push({
          path: path.join(out, nameOf(source)),
          series,
          replica,
          network: network.title,
          proof: shown,
        })
      }
      const text = beside && [Buffer.from(beside.text)]
      if (text) replaceFileNow(isOne ? besideFile! : path.join(temporary, beside.name), text, EXPORT_MODE)
      // What was there goes once the new one is in its place.
      const old = fs.existsSync(out) ? temporaryFolderOf(out) : null
      if (old) fs.renameSync(out, old)
      try {
        fs.renameSync(temporary, out)
      } catch (error) {
        if (old) fs.renameSync(old, out)
        throw error
      }
      if (old) withoutTemporary(old)
      return done
    })
  } finally {
    withoutTemporary(temporary)
  }
}

async function exportOne(target: string, source: ExportSource, request: ExportRequest): Promise<Proof> {
  const { format, isFloat16, licence } = request
  const write = (texts: [string, string][]) =>
    format.write(target, source, { texts: new Map(texts), isFloat16 })
  await write([])
  const proof = await proveExport(format, target, source, isFloat16)
  fs.rmSync(target, { recursive: true })
  const document = exportDocument(format, source, request)
  await write([
    ['README.md', readmeText(format, source, proof, licence)],
    ['export.json', `${JSON.stringify(document, null, 2)}\n`],
    ['proof.json', `${JSON.stringify(proof, null, 2)}\n`],
  ])
  // What is kept is what was opened last.
  await proveExport(format, target, source, isFloat16)
  return proof
}

/** @throws InputError where something is there that is not to give way */
function checkPlace(out: string, { force }: ExportRequest): void {
  const parent = path.dirname(out)
  if (!fs.existsSync(parent))
    throw new InputError('--out', `there is no folder ${parent}`, 'Make it first, or give another path.')
  const found = fs.statSync(out, { throwIfNoEntry: false })
  if (!found) return
  if (!force)
    throw new InputError('--out', `${out} is there already`, 'Give another path, or --force to replace it.')
  // Replaced is what an export has left, and nothing else that may be somebody's.
  if (!found.isDirectory() || isExport(out)) return
  throw new InputError('--out', `${out} is a folder that holds no export`, 'Give another path, or empty it.')
}

/** @throws InputError where no batch norm can be folded */
function folded(source: ExportSource): ExportSource {
  const { network, arrays, count } = foldBatchNorms(source.network, source.arrays)
  if (count) return { ...source, network, arrays }
  const what = `in "${source.document.entry.id}" no batch norm stands right behind a layer with weights`
  throw new InputError('--fold', what, 'Leave --fold out.')
}

function checkBeside(file: string, text: string, force: boolean): void {
  if (force || !fs.existsSync(file) || fs.readFileSync(file, 'utf8') === text) return
  const what = `${file}, which the export needs, is there and is another`
  throw new InputError('--out', what, 'Give a path in another folder, or --force to replace it.')
}

/** What exports leave in a folder, and Python beside it once it was imported. */
const LEFT = new Set([
  ...['README.md', 'export.json', 'proof.json', 'model.py', 'model.safetensors', '__pycache__'],
  ...['model.json', 'weights.bin', 'saved_model.pb', KERAS_LAYERS_FILE],
])

/** A file of anybody else's keeps a folder from being replaced. */
const isExport = (folder: string): boolean =>
  fs.readdirSync(folder).every((name) => LEFT.has(name) || /^replica-\d+(\.\w+)?$/.test(name))

/** The largest number that half precision has. */
const LARGEST_HALF = 65_504

function checkHalf({ network, arrays, document }: ExportSource): void {
  const largest = arrayNames(network).reduce(
    (most, name) => arrays(name).values.reduce((m, value) => Math.max(m, Math.abs(value)), most),
    0,
  )
  if (largest <= LARGEST_HALF) return
  const what = `"${document.entry.id}" has a weight of ${largest.toPrecision(3)}, which float16 does not have`
  throw new InputError('--float16', what, 'Leave --float16 out.')
}

/** Errors of the system with what was to be written and what helps. */
async function orSaid<T>(out: string, work: () => Promise<T>): Promise<T> {
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
