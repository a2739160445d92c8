import * as fs from 'node:fs'
import * as path from 'node:path'
import { makeFolder } from '../../../bin/lib/folder.mjs'
import { keepAs } from '../../files/write'

/** A generation is kept when the one before it is older: autosave runs after every change. */
const APART_MS = 10 * 60_000
/** The newest, however near to each other. */
const NEWEST = 5
/** Days of which the last generation is kept. */
const DAYS = 30

const NAME = /^(.+)-(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-\d{3}Z\.json$/

/** When a generation was kept, by its name: milliseconds since 1970. */
function timeOf(name: string): number {
  const [, , day, hours, minutes, seconds] = NAME.exec(name)!
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}Z`)
}

/**
 * Keeps what a file held before it is replaced, in the folder `earlier` beside it: the last five generations, and one
 * of each of the last thirty days. Where that is impossible the save goes on: a missing generation is better than a
 * change that is not saved.
 * @param now in milliseconds since 1970
 */
export async function keepGeneration(folder: string, file: string, now = Date.now()): Promise<void> {
  const generations = path.join(folder, 'earlier')
  const base = path.basename(file, '.json')
  try {
    makeFolder(generations, 0o700)
    const names = fs
      .readdirSync(generations)
      .filter((name) => NAME.exec(name)?.[1] === base)
      .sort()
    const newest = names.at(-1)
    if (newest && now - timeOf(newest) < APART_MS) return
    const name = `${base}-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}.json`
    const copy = path.join(generations, name)
    await keepAs(copy, file)
    for (const old of superfluous([...names, name])) fs.rmSync(path.join(generations, old), { force: true })
  } catch {
    // Said above: the save goes on.
  }
}

/** The names that need not be kept, of all in the order of time. */
export function superfluous(names: readonly string[]): string[] {
  const dayOf = (name: string) => NAME.exec(name)?.[2] ?? ''
  const lastOfDay = names.filter((name, i) => i === names.length - 1 || dayOf(names[i + 1]) !== dayOf(name))
  const kept = new Set([...names.slice(-NEWEST), ...lastOfDay.slice(-DAYS)])
  return names.filter((name) => !kept.has(name))
}
