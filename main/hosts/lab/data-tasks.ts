import { InputError } from '../../../shared/base/errors'
import type { DataSet } from '../../../shared/data/description'
import { dataFigures, type DataFigures } from '../../../shared/data/figures'
import { dataSetOf, readKeptData } from '../../../shared/data/samples'
import {
  samplesAt,
  sliceOf,
  type PartName,
  type SampleSlice,
  type SliceQuestion,
} from '../../../shared/data/slice'
import type { DataLook, ListedData } from '../../../shared/protocol/data'
import { listedData } from '../../data/all'
import type { Attention } from '../../data/attention'
import { importSamples, type ImportOptions } from '../../data/import'
import { columnsOf, type FileOptions } from '../../data/read-file'
import { openDataStore } from '../../data/store'
import { discardSamples } from '../../data/store-samples'

/** A look that nobody keeps for so long is forgotten with the next one. */
const LOOK = ':look-'

interface SamplesAt {
  data: string
  sha256?: string
  part: PartName
  indices: number[]
}

/**
 * What is done with samples, which are large: a thread of the host does it (data-thread.ts), so that the host goes on
 * hearing others, and what a file does to memory ends the thread alone. Each takes and gives what can be cloned.
 * @param folder the user's data folder
 */
export function createDataTasks(folder: string) {
  const store = openDataStore(folder)
  readKeptData((description) => store.read(description))
  /** What was read last and is not kept. */
  let looked: { look: string; data: DataSet } | null = null
  let looks = 0
  let counted: { data: DataSet; figures: DataFigures } | null = null

  function forget(): void {
    if (looked) discardSamples(looked.data)
    looked = null
  }

  /** @param sha256 of the samples that are meant @throws InputError where there are none, or others */
  function samples(name: string, sha256?: string): DataSet {
    if (name.startsWith(LOOK)) return pending(name)
    const { here, ...description } = listedData(store, name)
    // Says how it is got.
    if (!here) store.read(description)
    const meant = { ...description, sha256: sha256 ?? description.sha256 }
    return dataSetOf({ data: name, ownData: meant })
  }

  function pending(look: string): DataSet {
    if (looked?.look === look) return looked.data
    throw new InputError('data', 'what was looked at is not here any more', 'Read the file again.')
  }

  return {
    figures({ data: name }: { data: string }): DataFigures {
      const data = samples(name)
      // A large set is read from the disk for them, which takes its time.
      if (counted?.data !== data) counted = { data, figures: dataFigures(data) }
      return counted.figures
    },
    samples: ({ data, ...question }: SliceQuestion & { data: string }): SampleSlice =>
      sliceOf(samples(data), question),
    samplesAt({ data, sha256, part, indices }: SamplesAt): SampleSlice {
      return samplesAt(samples(data, sha256), part, Int32Array.from(indices))
    },
    columns: ({ file, ...options }: FileOptions & { file: string }): Promise<string[] | null> =>
      columnsOf(file, options),
    async look(
      { file, ...options }: ImportOptions & { file: string },
      attention: Attention = {},
    ): Promise<DataLook> {
      forget()
      const { data, notes } = await importSamples(file, options, { ...attention, folder: store.folder })
      looked = { look: `${LOOK}${++looks}`, data }
      return { look: looked.look, description: data.description, notes }
    },
    forget({ look }: { look: string }): null {
      if (looked?.look === look) forget()
      return null
    },
    keep({ look }: { look: string }): ListedData {
      const data = pending(look)
      store.keep(data)
      looked = null
      return { ...data.description, here: true }
    },
  } as const
}

export type DataTasks = ReturnType<typeof createDataTasks>
export type DataTask = keyof DataTasks
