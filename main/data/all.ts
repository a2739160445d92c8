import { DATA_SETS } from '../../shared/data/data-sets'
import type { ListedData } from '../../shared/protocol/data'
import type { DataStore } from './store'

/** Every data set with whether its samples are here: those of the program, then the user's own by name. */
export function allData(store: DataStore): ListedData[] {
  const kept = store.list()
  const known = DATA_SETS.map(({ make, ...one }) => {
    const own = kept.find(({ name }) => name === one.name)
    return { ...one, ...own, here: make !== null || own !== undefined }
  })
  return [...known, ...kept.flatMap((one) => (one.origin === 'own' ? [{ ...one, here: true }] : []))]
}

/** One of them by its name. @throws InputError where there is none */
export const listedData = (store: DataStore, name: string): ListedData =>
  allData(store).find((one) => one.name === name) ?? { ...store.describe(name), here: true }
