import { describedData, type DataChoice } from '../../../shared/data/data-sets'
import type { DataDescription, DataSet } from '../../../shared/data/description'
import { readKeptData } from '../../../shared/data/samples'
import type { AskHost } from './asking'

const keyOf = ({ name, sha256 }: DataDescription) => `${name} ${sha256 ?? ''}`

/**
 * From now on this worker reads samples that the program neither makes nor carries from the host.
 * @returns gets those of an experiment, to be called before it is computed: who computes does not wait for samples
 */
export function readFromHost(ask: AskHost): (experiment: DataChoice) => Promise<void> {
  let held: { key: string; read: () => DataSet } | null = null
  readKeptData((description) => {
    if (held?.key !== keyOf(description)) throw new Error(`${description.title} was not sent.`)
    return held.read()
  })
  return async (experiment) => {
    const description = describedData(experiment)
    const key = keyOf(description)
    if (description.origin === 'generated' || description.origin === 'carried' || held?.key === key) return
    try {
      const data = await ask('data', { description })
      held = { key, read: () => data }
    } catch (error) {
      // Whoever reads them is told; a measurement of noise does not.
      held = {
        key: keyOf(description),
        read: () => {
          held = null
          throw error
        },
      }
    }
  }
}
