import { InputError } from '../base/errors'
import { DATA_SETS, describedData, type DataChoice } from './data-sets'
import type { DataDescription, DataSet } from './description'

type Reader = (description: DataDescription) => DataSet

let read: Reader | null = null
const held = new Map<string, DataSet>()

/**
 * Says where the samples are read from that the program neither makes nor carries. Where nobody says so, as in the
 * page, there are none.
 * @param reader throws InputError where there are none of that name, or others than described
 */
export function readKeptData(reader: Reader): void {
  read = reader
  held.clear()
}

/** The samples that networks learn; in memory from then on. Do not write into them. @throws InputError */
export function dataSetOf(choice: DataChoice): DataSet {
  const description = describedData(choice)
  const key = `${description.name} ${description.sha256 ?? ''}`
  const present = held.get(key)
  if (present) return present
  const make = DATA_SETS.find(({ name }) => name === description.name)?.make
  const data = make ? { description, ...make() } : keptData(description)
  // One large set at a time: another is seldom asked for in between.
  if (!make) for (const [other, { description: own }] of held) if (isKept(own.origin)) held.delete(other)
  held.set(key, data)
  return data
}

const isKept = (origin: DataDescription['origin']) => origin === 'fetched' || origin === 'own'

function keptData(description: DataDescription): DataSet {
  if (read) return read(description)
  throw new InputError(
    'data',
    `the samples of ${description.title} are not here`,
    'They are on the disk of the machine that trains.',
  )
}
