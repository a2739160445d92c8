import * as fs from 'node:fs'
import * as path from 'node:path'
import { openBlockLibrary } from '../../main/hosts/lab/block-library'
import { openWorkspace } from '../../main/hosts/lab/workspace'
import { exportToFile } from '../../main/runs/export-file'
import { openRunLibrary, type RunLibrary } from '../../main/runs/library'
import { openCheckpoint, writeCheckpoint } from '../../main/trainer/engine/checkpoint/checkpoint'
import { installRuntime, verifyRuntime } from '../../main/runtime'
import { activate, layout, readStatus, type Installed } from '../../main/runtime/store'
import { presetNamed } from '../../shared/block/presets'
import { defaultExperiment } from '../../shared/settings/table'
import { newRun, outcome } from '../runs/runs'
import { surroundings } from '../runtime/surroundings'

/** Something that changes what the user has, step by step, and may be cut off at each. */
export interface Scenario {
  /** What is there before. */
  prepare(folder: string): Promise<void>
  change(folder: string): Promise<unknown>
  /** What is there now, as one text; throws where nothing can be read. */
  look(folder: string): Promise<string>
}

const large = (n: number) => ({ version: 1, experiment: { seed: n }, view: { filler: 'x'.repeat(50_000) } })
const block = (name: string, description: string) => ({ ...presetNamed('practical'), name, description })

async function workspaceText(folder: string): Promise<string> {
  const { document, problem } = await openWorkspace(folder).load()
  if (!document || problem) throw new Error(`no workspace: ${problem}`)
  return JSON.stringify(document)
}

async function libraryText(folder: string): Promise<string> {
  const { blocks, problems } = openBlockLibrary(folder).list()
  if (problems.length) throw new Error(problems.join())
  const texts = blocks.map(({ id, block: { name, description } }) => `${id} ${name}: ${description}`)
  return texts.sort().join('; ')
}

/** What people know of their runs; ids are numbers that nobody counts on. */
async function runsText(folder: string): Promise<string> {
  const library = openRunLibrary(folder)
  const { runs, problems } = library.list()
  if (problems.length) throw new Error(problems.join())
  const texts = runs.map(({ id, name, state, note, removed }) => {
    const { result } = library.open(id)
    return `${name}: ${state}, ${note}, ${removed ? 'removed' : 'there'}, ${JSON.stringify(result)}`
  })
  return texts.sort().join('; ')
}

/** One change of the library by a host that opens and closes it. */
async function onRuns(folder: string, work: (library: RunLibrary, first: string) => Promise<unknown>) {
  const library = openRunLibrary(folder)
  await work(library, library.list().runs[0]?.id)
  await library.close()
}

const keepRun = (folder: string, name: string) =>
  onRuns(folder, (library) => library.keep(newRun({ name }), outcome()))

const checkpointIn = (folder: string) => path.join(folder, 'checkpoint.safetensors')

function writeTraining(folder: string, step: number) {
  const arrays = Array.from({ length: 3 }, (_, i) => ({
    name: `w${i}`,
    shape: [5000],
    values: () => new Float32Array(5000).fill(step),
  }))
  writeCheckpoint(checkpointIn(folder), defaultExperiment(), { step }, arrays)
}

/** A library's folder as an installation leaves it, with nothing that could be loaded. */
function staged(cache: string, version: string): string {
  const staging = path.join(layout(cache).root, `tmp-${version}`)
  for (const file of ['binding/tfjs_binding.node', 'lib/libtensorflow.so', 'include/x.h']) {
    fs.mkdirSync(path.join(staging, path.dirname(file)), { recursive: true })
    fs.writeFileSync(path.join(staging, file), version)
  }
  return staging
}

const installed = (version: string) =>
  ({
    version,
    source: 'pip',
    device: 'CPU',
    note: null,
    platform: 'linux-x64',
    libraries: ['libtensorflow.so'],
    linked: null,
  }) as unknown as Installed

const where = (cacheFolder: string) =>
  ({ cacheFolder, platform: 'linux', arch: 'x64', resourcesPath: null }) as const

/** All of an installation but what programs do: the wheel is at hand, the binding is packaged, and is not loaded. */
function installation(folder: string, binding: 'old' | 'new') {
  const machine = surroundings(folder, { python: false, compiler: false })
  return { ...machine.options({ resourcesPath: path.join(folder, binding) }), from: machine.wheel }
}

function packageBinding(folder: string, binding: string) {
  const resources = path.join(folder, binding, 'binding/linux-x64-tf2.21.0')
  fs.mkdirSync(resources, { recursive: true })
  fs.writeFileSync(path.join(resources, 'tfjs_binding.node'), binding)
}

export const SCENARIOS: Record<string, Scenario> = {
  'workspace saved over the one it is based on': {
    prepare: async (folder) => void (await openWorkspace(folder).save(large(1), null)),
    async change(folder) {
      const workspace = openWorkspace(folder)
      const { revision } = await workspace.load()
      const saved = await workspace.save(large(2), revision)
      // Where it could not be read, it is not saved over, and nobody says that it was.
      if (saved.revision === null) throw new Error('not saved')
    },
    look: workspaceText,
  },
  'workspace saved over another': {
    prepare: async (folder) => void (await openWorkspace(folder).save(large(1), null)),
    change: (folder) => openWorkspace(folder).save(large(2)),
    look: workspaceText,
  },
  'a new block': {
    prepare: async (folder) => void (await openBlockLibrary(folder).save(block('a', 'old'), null)),
    change: (folder) => openBlockLibrary(folder).save(block('b', 'new'), null),
    look: libraryText,
  },
  'a block in another’s place': {
    prepare: async (folder) => void (await openBlockLibrary(folder).save(block('a', 'old'), null)),
    change: (folder) => openBlockLibrary(folder).save(block('a', 'new'), 'a'),
    look: libraryText,
  },
  'a block renamed': {
    prepare: async (folder) => void (await openBlockLibrary(folder).save(block('a', 'old'), null)),
    change: (folder) => openBlockLibrary(folder).rename('a', 'b'),
    look: libraryText,
  },
  'a block removed': {
    async prepare(folder) {
      await openBlockLibrary(folder).save(block('a', 'old'), null)
      await openBlockLibrary(folder).save(block('b', 'old'), null)
    },
    change: (folder) => openBlockLibrary(folder).remove('a'),
    look: libraryText,
  },
  'a run kept': {
    prepare: (folder) => keepRun(folder, 'old'),
    change: (folder) => keepRun(folder, 'new'),
    look: runsText,
  },
  'a run’s note': {
    prepare: (folder) => keepRun(folder, 'old'),
    change: (folder) => onRuns(folder, (library, id) => library.change(id, { note: 'new' })),
    look: runsText,
  },
  'the trash emptied': {
    async prepare(folder) {
      await keepRun(folder, 'old')
      await onRuns(folder, (library, id) => library.remove([id]))
    },
    change: (folder) =>
      onRuns(folder, async (library) => {
        // A run that cannot be read is left as it is, and not said to be deleted.
        const { deleted } = await library.empty()
        if (deleted !== 1) throw new Error('not deleted')
      }),
    look: runsText,
  },
  'a run imported': {
    async prepare(folder) {
      await keepRun(folder, 'old')
      const elsewhere = path.join(folder, 'elsewhere')
      await keepRun(elsewhere, 'new')
      const library = openRunLibrary(elsewhere)
      await exportToFile(library, library.list().runs[0].id, path.join(folder, 'new.zip'), false)
    },
    change: (folder) => onRuns(folder, (library) => library.import(path.join(folder, 'new.zip'), 'new.zip')),
    look: runsText,
  },
  'a training’s checkpoint written over the last one': {
    async prepare(folder) {
      fs.mkdirSync(folder, { recursive: true })
      writeTraining(folder, 1)
    },
    change: async (folder) => writeTraining(folder, 2),
    async look(folder) {
      const { state, arrays } = openCheckpoint(checkpointIn(folder), defaultExperiment())
      const values = [...arrays.shapes.keys()].flatMap((name) => [...new Set(arrays.values(name))])
      arrays.close()
      return JSON.stringify({ state, values })
    },
  },
  'TensorFlow’s library installed over another': {
    async prepare(folder) {
      await activate(where(folder), staged(folder, '1'), installed('1'))
    },
    change: async (folder) => activate(where(folder), staged(folder, '2'), installed('2')),
    async look(folder) {
      const { library, problem } = await readStatus(where(folder))
      if (!library) throw new Error(problem ?? 'none')
      return `${library.version} ${fs.readFileSync(library.bindingPath, 'utf8')}`
    },
  },
  'TensorFlow’s library installed from a wheel, with every step': {
    async prepare(folder) {
      for (const binding of ['old', 'new']) packageBinding(folder, binding)
      await installRuntime(installation(folder, 'old'))
    },
    change: (folder) => installRuntime(installation(folder, 'new')),
    async look(folder) {
      const { library, files } = await verifyRuntime(installation(folder, 'new'))
      return `${files} files, ${fs.readFileSync(library.bindingPath, 'utf8')}`
    },
  },
}
