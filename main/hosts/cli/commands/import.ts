import { InputError } from '../../../../shared/base/errors'
import { provenWords, tableWords, type MatchTable } from '../../../../shared/import/table'
import { dimsText } from '../../../../shared/import/tensors'
import { runName } from '../../../../shared/runs/run'
import { importNetwork, writeNetwork } from '../../../import/import-network'
import { architectureOf, lookAtWeights, runArchitecture, type Architecture } from '../../../import/network'
import { isRunArchive } from '../../../import/run-archive'
import type { ImportLook } from '../../../../shared/import/look'
import { findRun } from '../../../runs/find-run'
import type { RunLibrary } from '../../../runs/library'
import type { CliCommand, OptionTexts } from '../command'
import { openLibrary } from '../keep'
import { ordinal } from '../needed'
import { experimentOptions, firstGiven, trainedFromOptions } from '../options'
import { print, printDocument, table } from '../output'

const EXPERIMENT_OPTIONS = experimentOptions({}, true)

/** Networks that were trained elsewhere, or exported here, as a run. */
export const importCommand: CliCommand = {
  name: 'import <PATH>',
  description:
    'Take in an export of the lab, the .zip of a run, or weights of another program (.keras, .h5, .onnx, ' +
    '.safetensors, .npz) for a known architecture, as a run. Nothing of a file is executed.',
  options: [
    ['--run <RUN>', 'whose architecture the weights are for; options of train describe it, too'],
    ['--series <K>', 'which of its networks, where it has several; they count from 1'],
    ['--look', 'show what matches, and import nothing'],
    ['--name <NAME>', 'the new run’s name'],
    ...EXPERIMENT_OPTIONS,
  ],
  async run(options, file) {
    const library = openLibrary()
    try {
      const name = typeof options.name === 'string' ? runName(options.name, '--name') : null
      const architecture = givenArchitecture(options, library)
      if (!architecture && options.look !== true && (await isRunArchive(file))) {
        const { id } = await library.import(file, file)
        const entry = name === null ? library.open(id).entry : await library.change(id, { name })
        if (options.json === true) printDocument({ run: id, file, kind: entry.kind })
        else print(`${id}${entry.name === id ? '' : ` (${entry.name})`} is in the library.`)
        return
      }
      const { look, run } =
        options.look === true
          ? { look: await lookAtWeights(file, architecture), run: null }
          : await taken(library, name, file, architecture)
      if (options.json === true) printDocument({ run, ...look })
      else print(lookText(look, run, options.look === true || architecture !== null))
    } finally {
      await library.close()
    }
  },
}

async function taken(
  library: RunLibrary,
  name: string | null,
  file: string,
  architecture: Architecture | null,
): Promise<{ look: ImportLook; run: string }> {
  const write = (folder: string) => writeNetwork(file, architecture, folder)
  const { entry, look } = await importNetwork(library, name, write)
  return { look, run: entry.id }
}

/** Whose network the options name; null: the file says it. @throws InputError */
function givenArchitecture(options: OptionTexts, library: RunLibrary): Architecture | null {
  const described = firstGiven(options, EXPERIMENT_OPTIONS)
  if (typeof options.run === 'string') {
    if (described)
      throw new InputError(described, 'the run says it already', `Leave ${described} out, or --run.`)
    const { id } = findRun(options.run, library.list().runs, '--run')
    return runArchitecture(library, id, seriesFrom(options))
  }
  if (described) {
    return architectureOf(trainedFromOptions(options), seriesFrom(options), 'the given options')
  }
  if (options.series === undefined) return null
  throw new InputError('--series', 'the export says it already', 'Leave --series out, or name a run.')
}

const seriesFrom = ({ series }: OptionTexts): number | null =>
  series === undefined ? null : ordinal(series, '--series')

function lookText(look: ImportLook, run: string | null, withTable: boolean): string {
  const { file, form, network, replicas, difference, problem } = look
  const of = replicas === 1 ? network : `${replicas} replicas of ${network}`
  return [
    ...(withTable ? [tableText(look.table)] : []),
    `${file} (${form}): ${of}; ${tableWords(look.table)}.`,
    ...provenWords(difference),
    ...(run === null ? [problem ?? 'It can be imported.'] : [`${run} is in the library.`]),
  ].join('\n')
}

function tableText({ rows, missing, unused }: MatchTable): string {
  const head = ['in the file', 'shape', 'in the lab', 'shape', 'by', '']
  return table([
    head,
    ...rows.map((row) => [
      ...[row.tensor, `${dimsText(row.shape)} ${row.type}`, row.parameter, dimsText(row.labShape), row.by],
      row.transposed ? 'transposed' : '',
    ]),
    ...missing.map((one) => [
      ...['-', '', one.parameter, dimsText(one.labShape), one.needed ? 'missing' : 'not needed', ''],
    ]),
    ...unused.map((one) => [one.tensor, `${dimsText(one.shape)} ${one.type}`, '-', '', 'left over', '']),
  ]).join('\n')
}
