import * as fs from 'node:fs'
import * as path from 'node:path'
import { InputError } from '../../shared/base/errors'
import { foldBatchNorms } from '../../shared/export/fold'
import type { ExportedRun, ExportSettings } from '../../shared/export/forms'
import type { ProgressEvent } from '../../shared/protocol/protocol'
import { replaceFileNow } from '../files/write-now'
import type { RunLibrary } from '../runs/library'
import { Progress } from '../trainer/engine/progress'
import { exportDocument, readmeText } from './about'
import { EXPORT_MODE, EXPORT_TEXT, PROOF_TEXT, README_TEXT, type ExportFormat } from './format'
import { formatNamed } from './formats'
import { orSaid, type ExportPlace } from './place'
import { proveExport, trialOf, type Proof } from './proof'
import { arrayNames, openSources, type ExportSource } from './source'

export interface ExportRequest extends ExportSettings, ExportPlace {}

/**
 * The networks that are asked for, as they are to be written.
 * @throws InputError for what cannot be exported, or what the format lacks
 */
export function sourcesOf(
  library: Pick<RunLibrary, 'open' | 'trained'>,
  run: string,
  settings: ExportSettings,
): ExportSource[] {
  const format = formatNamed(settings.format)
  const opened = openSources(library, run, settings)
  const sources = settings.fold ? opened.map(folded) : opened
  for (const source of sources) {
    if (settings.float16) checkHalf(source)
    format.check?.(source, settings.float16)
  }
  return sources
}

/**
 * Bytes that the numbers of the exported networks take, before what a format adds to them.
 * @throws as `sourcesOf`
 */
export function exportedBytes(
  library: Pick<RunLibrary, 'open' | 'trained'>,
  run: string,
  settings: ExportSettings,
): number {
  const sources = sourcesOf(library, run, settings)
  const count = ({ network, arrays }: ExportSource) =>
    arrayNames(network).reduce((sum, name) => sum + arrays(name).values.length, 0)
  return (settings.float16 ? 2 : 4) * sources.reduce((sum, source) => sum + count(source), 0)
}

/**
 * Exports networks of a run into a folder that is made for them, from where `intoPlace` puts them in their place: each
 * is written, opened again and compared.
 * @param folder at which nothing is; what is exported stands in it under the name of its place
 * @throws InputError for what cannot be exported, before anything is written; Error that names cause and hint
 */
export async function writeExports(
  library: Pick<RunLibrary, 'open' | 'trained'>,
  run: string,
  request: ExportRequest,
  folder: string,
  onProgress: (progress: ProgressEvent) => void = () => {},
): Promise<ExportedRun[]> {
  const format = formatNamed(request.format)
  new Progress(1, 'networks', onProgress).say('Reading the weights')
  const sources = sourcesOf(library, run, request)
  const isOne = request.replica !== null || sources.length === 1
  const out = path.resolve(request.out)
  if (isOne) checkEnding(out, format)
  const beside = format.beside?.(sources[0], isOne ? path.parse(out).name : 'model') ?? []
  if (isOne)
    for (const one of beside) checkBeside(path.join(path.dirname(out), one.name), one.text, request.force)
  const nameOf = ({ replica }: ExportSource) =>
    isOne ? '' : `replica-${replica}${format.is === 'file' ? path.extname(out) || `.${format.name}` : ''}`
  return orSaid(out, async () => {
    fs.mkdirSync(folder)
    const target = path.join(folder, path.basename(out))
    if (!isOne) fs.mkdirSync(target)
    const progress = new Progress(sources.length, 'networks', onProgress)
    const done: ExportedRun[] = []
    for (const source of sources) {
      const { series, replica, network } = source
      const say = (what: string) =>
        progress.say(
          sources.length > 1 ? `Replica ${replica}: ${what}` : what[0].toUpperCase() + what.slice(1),
        )
      const { check: _, ...proof } = await exportOne(path.join(target, nameOf(source)), source, request, say)
      progress.tick(sources.length > 1 ? `Replica ${replica} is written and proven` : 'Written and proven')
      done.push({ path: path.join(out, nameOf(source)), series, replica, network: network.title, proof })
    }
    for (const { name, text } of beside)
      replaceFileNow(path.join(isOne ? folder : target, name), [Buffer.from(text)], EXPORT_MODE)
    return done
  })
}

async function exportOne(
  target: string,
  source: ExportSource,
  request: ExportRequest,
  say: (what: string) => void,
): Promise<Proof> {
  const { float16: isFloat16, licence } = request
  const format = formatNamed(request.format)
  say('computing what the network is held against')
  const trial = trialOf(source)
  say('writing')
  await format.write(target, source, { texts: new Map(), isFloat16 })
  say('opening it again, and comparing')
  const proof = await proveExport(format, target, source, trial, isFloat16)
  const texts = new Map([
    [README_TEXT, readmeText(format, source, proof, licence)],
    [EXPORT_TEXT, `${JSON.stringify(exportDocument(format, source, request), null, 2)}\n`],
    [PROOF_TEXT, `${JSON.stringify(proof, null, 2)}\n`],
  ])
  if (format.is === 'folder') {
    for (const [name, text] of texts)
      replaceFileNow(path.join(target, name), [Buffer.from(text)], EXPORT_MODE)
    return proof
  }
  // The proof is part of the file, so that it is written twice, and what is kept is what was opened last.
  fs.rmSync(target)
  await format.write(target, source, { texts, isFloat16 })
  await proveExport(format, target, source, trial, isFloat16)
  return proof
}

/** @throws InputError where no batch norm can be folded */
function folded(source: ExportSource): ExportSource {
  const { network, arrays, count } = foldBatchNorms(source.network, source.arrays)
  if (count) return { ...source, network, arrays }
  const what = `in "${source.document.entry.id}" no batch norm stands right behind a layer with weights`
  throw new InputError('fold', what, 'Export it as it is, without folding.')
}

/** @throws InputError where what opens the file would not know it by its name */
function checkEnding(out: string, { ending = '', title }: ExportFormat): void {
  if (out.endsWith(ending)) return
  const what = `${title} opens only files whose names end in ${ending}`
  throw new InputError('out', what, `Give ${out}${ending}.`)
}

/** Written in all that exports put beside them. */
const OURS = 'Residual Lab'

/** @throws InputError where another file is there that is not to give way, or that no export has written */
function checkBeside(file: string, text: string, force: boolean): void {
  if (!fs.existsSync(file)) return
  const found = fs.readFileSync(file, 'utf8')
  if (found === text) return
  const isOurs = found.includes(OURS)
  if (force && isOurs) return
  const what = `${file}, which the export puts beside it, is there and is another`
  const hint = isOurs ? 'Give another path, or --force to replace it.' : 'Give another path.'
  throw new InputError('out', what, hint)
}

/** The largest number that half precision has. */
const LARGEST_HALF = 65_504

function checkHalf({ network, arrays, document }: ExportSource): void {
  const largest = arrayNames(network).reduce(
    (most, name) => arrays(name).values.reduce((m, value) => Math.max(m, Math.abs(value)), most),
    0,
  )
  if (largest <= LARGEST_HALF) return
  const what = `"${document.entry.id}" has a weight of ${largest.toPrecision(3)}, which float16 does not have`
  throw new InputError('float16', what, 'Export it as float32.')
}
