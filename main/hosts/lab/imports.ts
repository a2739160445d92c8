import { seriesGraphs } from '../../../shared/network/series'
import { networkTitle } from '../../../shared/network/series-names'
import type { ImportReplies } from '../../../shared/protocol/imports'
import type { RunEntry } from '../../../shared/runs/run'
import { importNetwork } from '../../import/import-network'
import { isRunArchive } from '../../import/run-archive'
import type { RunLibrary } from '../../runs/library'
import type { Asked } from './front-end'
import { inThread } from './in-thread'
import type { Stoppable } from './stoppable'

interface Options {
  /** The user's data folder. */
  folder: string
  runs: RunLibrary
  stoppable: Stoppable['during']
  /** Where the bundle of the host's thread lies; left out: beside the host's. */
  threadFolder?: string
}

/** A file of the host, and whose architecture its weights are for. */
interface Given {
  path: string
  run: string | null
  series: number | null
}

/** Runs and weights from elsewhere, for a host's front ends: a thread reads what others wrote, and can be ended. */
export function createImports({ folder, runs, stoppable, threadFolder }: Options) {
  return {
    /** @throws InputError for what cannot be read */
    async look({ path, run, series }: Given, asked: Asked): Promise<ImportReplies['import.look']> {
      if (await isRunArchive(path)) return { isRun: true }
      const given = { folder, file: path, run, series }
      const look = await stoppable(asked, (signal) =>
        inThread('importLook', given, { signal, folder: threadFolder }),
      )
      return look && { isRun: false, look, networks: run === null ? [] : titlesOf(runs, run) }
    },

    /** @throws InputError for what cannot be imported; Error that names cause and hint */
    async take({ path, run, series }: Given, asked: Asked): Promise<RunEntry | null> {
      if (await isRunArchive(path)) return runs.import(path, path)
      const made = await stoppable(asked, (signal) =>
        importNetwork(runs, null, (target) =>
          inThread(
            'importWeights',
            { folder, file: path, run, series, target },
            { signal, folder: threadFolder },
          ),
        ),
      )
      return made && made.entry
    },
  }
}

function titlesOf(runs: RunLibrary, run: string): string[] {
  const { experiment } = runs.open(run)
  return seriesGraphs(experiment).map((one) => networkTitle({ ...one, skip: experiment.skip }))
}
