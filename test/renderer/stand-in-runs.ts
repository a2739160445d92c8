import { defaultExperiment } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import type { RunList } from '../../shared/protocol/runs'
import type { Verification } from '../../shared/runs/verification'
import type { RunChanges, RunDocument, RunEntry, RunKind } from '../../shared/runs/run'
import { summaryOf } from '../../shared/runs/summary'

/** The stand-in's library of runs: in memory, one for all pages. */
export class StandInRuns {
  #documents: RunDocument[] = []
  #problems: string[] = []

  /** When a run begins. */
  now = () => new Date().toISOString()

  /** Tells every page what has changed. */
  tell: (changed: RunEntry[], gone: string[]) => void = () => {}

  /** Another one, without runs, that tells the time alike. */
  emptied(): StandInRuns {
    const runs = new StandInRuns()
    runs.now = this.now
    return runs
  }

  get list(): RunList {
    const runs = this.#documents.map(({ entry }) => entry)
    return { runs, problems: this.#problems, path: '/home/ada/.local/share/residual-lab/runs', newer: null }
  }

  /** Damaged runs, in words. */
  set problems(problems: string[]) {
    this.#problems = problems
  }

  keep(
    kind: RunKind,
    experiment: Experiment,
    found: { started: unknown; result: unknown; seconds: number },
    own: Partial<RunEntry> = {},
  ): RunEntry {
    const id = `fern-${this.#documents.length + 1}`
    const entry: RunEntry = {
      ...{ id, name: id, kind, created: this.now(), seconds: found.seconds },
      ...{ state: 'finished', device: 'CPU, TensorFlow 2.21.0', version: '0.1.0', seed: experiment.seed },
      ...summaryOf({ kind, experiment, result: found.result }),
      ...{ note: '', tags: [], pinned: false, bytes: 24_000, command: 'npx residual-lab signal' },
      ...{ removed: null, canResume: false },
      ...own,
    }
    this.#documents.unshift({
      entry,
      experiment,
      environment: null,
      started: found.started,
      result: found.result,
    })
    this.tell([entry], [])
    return entry
  }

  open(id: string): RunDocument {
    const found = this.#documents.find(({ entry }) => entry.id === id)
    if (!found) throw new Error(`There is no run ${id}.`)
    return found
  }

  change(id: string, changes: Partial<RunChanges> & { removed?: string | null }): RunEntry {
    const document = this.open(id)
    document.entry = { ...document.entry, ...changes }
    this.tell([document.entry], [])
    return document.entry
  }

  empty(): { deleted: number } {
    const gone = this.#documents.filter(({ entry }) => entry.removed !== null).map(({ entry }) => entry.id)
    this.#documents = this.#documents.filter(({ entry }) => entry.removed === null)
    this.tell([], gone)
    return { deleted: gone.length }
  }

  verify(id: string): Verification {
    this.open(id)
    return { verdict: 'identical', where: null, words: 'All 84 numbers are the same to the last digit.' }
  }

  /** Runs that look like a week's work. @param count how many */
  fill(count: number): void {
    const names = ['Depth study', 'the one for the talk', 'too wide', 'batch norm again', 'seed 7']
    for (let i = 0; i < count; i++) {
      const remedies = [['none', 'rsqrt2'], ['batch-norm'], ['none', 'batch-norm', 'layer-norm']][i % 3]
      const experiment = { ...defaultExperiment(), remedies, blocks: 10 + 5 * (i % 5), seed: 1 + (i % 7) }
      const isTraining = i % 4 === 1
      const result = { finished: true, series: remedies.map((remedy) => series(experiment, remedy)) }
      this.keep(
        'signal',
        experiment,
        { started: null, result, seconds: 0.3 + i },
        {
          ...(i % 3 ? {} : { name: `${names[i % names.length]} ${i}` }),
          created: new Date(Date.UTC(2026, 10, 28, 9) - i * 3_600_000).toISOString(),
          ...(isTraining ? { kind: 'train', steps: { done: 120, planned: 300 } } : {}),
          ...(isTraining && i % 8 === 5 ? { state: 'interrupted', canResume: true } : {}),
          tags: i % 5 ? [] : ['paper', 'chapter 11'],
          note: i % 4 ? '' : 'Doubles as it should; the band is narrower than in the paper.',
          pinned: i === 2,
        },
      )
    }
  }
}

function series(experiment: Experiment, remedy: string) {
  const growth = { none: 2, rsqrt2: 1, 'batch-norm': 1.1, 'layer-norm': 1.08 }[remedy] ?? 1
  const of = (base: number) => {
    const mean = Array.from({ length: experiment.blocks + 1 }, (_, k) => base ** k)
    return { mean, median: mean, low: mean.map((y) => 0.9 * y), high: mean.map((y) => 1.1 * y) }
  }
  const down = of(growth)
  const reversed = Object.fromEntries(
    Object.entries(down).map(([key, values]) => [key, [...values].reverse()]),
  )
  return {
    ...{ block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy, note: null, seconds: 0.1 },
    ...{ q: of(growth), v: of(growth), m: of(1), p: reversed, weightGradientNorm2: of(1) },
  }
}
