import * as fs from 'node:fs'
import * as path from 'node:path'
import { choice } from '../../../../shared/base/check'
import { InputError, suggestion } from '../../../../shared/base/errors'
import { AXIS_CHOICES } from '../../../../shared/charts/axis'
import { DEFAULT_CHOICES, type FigureChoices } from '../../../../shared/figures/choices'
import { captionOf, type Figure } from '../../../../shared/figures/figure'
import { csvOf } from '../../../../shared/figures/files'
import { FIGURE_FORMATS, RESOLUTIONS, type FigureFormat } from '../../../../shared/figures/formats'
import { FIGURE_SIZES, type FigureLook } from '../../../../shared/figures/layout'
import { FIGURE_THEMES } from '../../../../shared/figures/themes'
import { figureFile } from '../../../figures/file'
import { replaceFile } from '../../../files/write'
import type { CommandOption, OptionTexts } from '../command'
import { needed } from '../needed'
import { print, printDocument } from '../output'

export const valuesOf = <T extends string>(choices: readonly { value: T }[]): T[] =>
  choices.map(({ value }) => value)
const FORMATS = valuesOf(FIGURE_FORMATS)
const THEMES = valuesOf(FIGURE_THEMES)
const SIZES = valuesOf(FIGURE_SIZES)
const AXES = valuesOf(AXIS_CHOICES)

/** Of every figure's file. */
export const FILE_OPTIONS: readonly CommandOption[] = [
  [`--format <${FORMATS.join('|')}>`, 'kind of file'],
  ['--out <PATH>', 'the file; its numbers go beside it, under the same name with .csv'],
  [`--theme <${THEMES.join('|')}>`, 'what it is for (light)'],
  [
    `--size <${SIZES.join('|')}>`,
    `${FIGURE_SIZES.map(({ label, width }) => `${label}: ${width} mm`).join(', ')} (column)`,
  ],
  ['--words <on|off>', 'title, definition, finding and caption around the chart (on)'],
  ['--dpi <N>', `pixels of a PNG an inch (${RESOLUTIONS.usual})`],
  ['--force', 'replace files that are there'],
]

export const AXIS_OPTION: CommandOption = [`--axis <${AXES.join('|')}>`, 'of values over blocks (log2)']
export const STATISTIC_OPTION: CommandOption = ['--statistic <mean|median>', 'over networks (mean)']

/** What is asked of a figure's file. */
export interface WantedFile {
  format: FigureFormat
  out: string
  look: FigureLook
  resolution: number
  force: boolean
  json: boolean
}

/** One of some values, which an option names. @throws InputError where it is missing, or none of them */
export function picked<T extends string>(
  options: OptionTexts,
  key: string,
  values: readonly T[],
  usual?: T,
): T {
  const given = options[key]
  if (given === undefined && usual !== undefined) return usual
  return choice(given ?? needed(options, key, `Choose ${values.join(', ')}.`), `--${key}`, values)
}

/** As it is written on a command line: "test error/step" as test-error-step. */
const written = (name: string) => name.replace(/[ :/]+/g, '-')

/**
 * One of what there is, which an option names as it is written, or as it is; undefined: the option was not given.
 * @param whose "these runs have"
 * @throws InputError for what there is not, with what there is
 */
export function pickedByName<T>(
  options: OptionTexts,
  key: string,
  { all, nameOf, whose }: { all: readonly T[]; nameOf: (one: T) => string; whose: string },
): T | undefined {
  const text = options[key]
  if (typeof text !== 'string') return undefined
  const found = all.find((one) => nameOf(one) === text || written(nameOf(one)) === text)
  if (found) return found
  const names = all.map((one) => written(nameOf(one)))
  const hint = suggestion(text, names, `Choose ${names.join(', ')}.`)
  throw new InputError(`--${key}`, `${whose} no "${text}"`, hint)
}

/** Checked before anything is computed. @throws InputError */
export function wantedFile(options: OptionTexts): WantedFile {
  const format = picked(options, 'format', FORMATS)
  const out = path.resolve(needed(options, 'out', 'Say where the figure goes.'))
  if (!fs.existsSync(path.dirname(out)))
    throw new InputError(
      '--out',
      `there is no folder ${path.dirname(out)}`,
      'Make it first, or give another path.',
    )
  if (out === csvBeside(out))
    throw new InputError('--out', 'the figure’s numbers have this name', `End it with .${format}.`)
  const force = options.force === true
  checkFree(out, null, force)
  return {
    ...{ format, out, force, json: options.json === true, resolution: resolutionOf(options, format) },
    look: {
      theme: picked(options, 'theme', THEMES, 'light'),
      size: picked(options, 'size', SIZES, 'column'),
      words: picked(options, 'words', ['on', 'off'], 'on') === 'on',
    },
  }
}

/** How curves are drawn. @throws InputError */
export const choicesFrom = (options: OptionTexts): Pick<FigureChoices, 'axis' | 'statistic'> => ({
  axis: picked(options, 'axis', AXES, DEFAULT_CHOICES.axis),
  statistic: picked(options, 'statistic', ['mean', 'median'], DEFAULT_CHOICES.statistic),
})

/**
 * Writes a figure and, beside it, its numbers, and says so.
 * @param of what the printed document says of where it comes from
 * @throws InputError where other numbers are there already
 */
export async function writeFigure(figure: Figure, wanted: WantedFile, of: object): Promise<void> {
  const { format, out, look, resolution, force, json } = wanted
  const content = await figureFile(figure, format, look, resolution)
  const csv = csvOf(figure)
  const data = csv === null ? null : csvBeside(out)
  if (data && csv !== null) checkFree(data, csv, force)
  await replaceFile(out, content, 0o644)
  if (data && csv !== null) await replaceFile(data, csv, 0o644)
  const caption = captionOf(figure)
  if (json) return printDocument({ ...of, chart: figure.id, format, path: out, data, caption })
  print([`${figure.title}: ${out}`, ...(data ? [`its numbers: ${data}`] : []), caption].join('\n'))
}

function resolutionOf({ dpi }: OptionTexts, format: string): number {
  const { least, most, usual } = RESOLUTIONS
  if (dpi === undefined) return usual
  if (format !== 'png')
    throw new InputError('--dpi', 'only a PNG has pixels', 'Leave it out, or ask for png.')
  const number = Number(dpi)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new InputError(
    '--dpi',
    `"${String(dpi)}" is no resolution`,
    `Give a whole number from ${least} to ${most}.`,
  )
}

const csvBeside = (out: string): string => path.join(path.dirname(out), `${path.parse(out).name}.csv`)

/** @param content what is there may be that already */
function checkFree(file: string, content: string | null, force: boolean): void {
  if (force || !fs.existsSync(file)) return
  if (content !== null && fs.readFileSync(file, 'utf8') === content) return
  throw new InputError('--out', `${file} is there already`, 'Give another path, or --force to replace it.')
}
