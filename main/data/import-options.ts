import { choice, finiteNumber, wholeNumber } from '../../shared/base/check'
import { numberOrText } from '../../shared/base/decimal'
import { InputError } from '../../shared/base/errors'
import { TASKS } from '../../shared/data/readers/labelled'
import type { ImportOptions } from './import'

const LARGEST_SIDE = 1024

function sizeOf(text: string) {
  const [, columns, rows] = (/^(\d+)\s*[x×]\s*(\d+)$/i.exec(text) ?? []).map(Number)
  const isSide = (side: number | undefined) => side !== undefined && side >= 1 && side <= LARGEST_SIDE
  if (isSide(columns) && isSide(rows)) return { rows, columns }
  throw new InputError(
    '--size',
    `"${text}" is no size`,
    `Give width and height, such as 32x32, each at most ${LARGEST_SIDE}.`,
  )
}

/**
 * What an import is told, by the names of the command line's options, which a page uses too.
 * @throws InputError
 */
export function importOptions(options: Readonly<Record<string, unknown>>): Omit<ImportOptions, 'name'> {
  const text = (key: string) => {
    const own = options[key]
    return typeof own === 'string' ? own : undefined
  }
  const { testShare = '0.2', seed = '1' } = options
  const header = text('header')
  const separator = text('separator')
  if (separator !== undefined && separator !== '\\t' && [...separator].length !== 1)
    throw new InputError(
      '--separator',
      `"${separator}" is not one character`,
      'Give one, such as ";" or "\\t".',
    )
  const size = text('size')
  const task = text('task')
  return {
    ...(size === undefined ? {} : { size: sizeOf(size) }),
    grey: options.grey === true,
    target: text('target'),
    task: task === undefined ? undefined : choice(task, '--task', TASKS),
    labels: text('labels'),
    separator: separator === '\\t' ? '\t' : separator,
    header: header === undefined ? undefined : choice(header, '--header', ['on', 'off']) === 'on',
    testShare: finiteNumber(numberOrText(String(testShare)), '--test-share', {
      minimum: 0.01,
      maximum: 0.99,
    }),
    seed: wholeNumber(numberOrText(String(seed)), '--seed', { minimum: 0, maximum: 4_294_967_295 }),
  }
}
