import { InputError, suggestion } from '../../shared/base/errors'
import type { RunEntry } from '../../shared/runs/run'
import { hasCommand, ownCommand } from '../files/program'

/** Ids that are named where several runs fit. */
const MOST_NAMED = 5

/**
 * The run that a person means: by its id, its name, `last` for the newest, or the beginning of an id that no other has.
 * Runs in the trash are meant by their ids, or where no other fits.
 * @param runs the newest first @param where it is named
 * @throws InputError with the nearest name
 */
export function findRun(text: string, runs: readonly RunEntry[], where = 'RUN'): RunEntry {
  const present = runs.filter(({ removed }) => removed === null)
  const whole = runs.find(({ id }) => id === text)
  if (whole) return whole
  if (text === 'last') {
    if (present.length) return present[0]
    throw new InputError(
      where,
      'there is no run yet',
      hasCommand('train')
        ? 'Keep one: train does, and signal with --keep.'
        : 'Measure or train networks first.',
    )
  }
  for (const among of [present, runs]) {
    for (const fits of [isCalled, begins]) {
      const found = text ? among.filter((run) => fits(run, text)) : []
      if (found.length === 1) return found[0]
      if (found.length > 1) throw several(text, found, where)
    }
  }
  const names = [...new Set(present.flatMap(({ id, name }) => [id, name]))]
  const hint = suggestion(
    text,
    names,
    hasCommand('runs') ? `See ${ownCommand('runs list')}.` : 'The Runs tab lists them.',
  )
  throw new InputError(where, `there is no run "${text}"`, hint)
}

const isCalled = ({ name }: RunEntry, text: string) => name === text
const begins = ({ id }: RunEntry, text: string) => id.startsWith(text)

function several(text: string, found: readonly RunEntry[], where: string): InputError {
  const ids = found.slice(0, MOST_NAMED).map(({ id }) => id)
  const more = found.length > MOST_NAMED ? ' and others' : ''
  return new InputError(where, `"${text}" may be any of ${ids.join(', ')}${more}`, 'Give the id of one.')
}
