import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  ensureTensorFlow,
  installRuntime,
  isInstalled,
  runtimeStatus,
  useRuntime,
  verifyRuntime,
} from '../../main/runtime'
import { runtimeCommand } from '../../main/runtime/cli'
import { fakes, temporary, type Fakes } from './fakes'

const FILES = {
  'binding/tfjs_binding.node': 'carried binding',
  'lib/libtensorflow_cc.so.2': 'carried library',
  'lib/libtensorflow_framework.so.2': 'carried framework',
}

/** A full application: a library beside its archive, and the record of it inside. */
function application() {
  const resources = temporary()
  const archive = path.join(resources, 'app.asar')
  const files: Record<string, { bytes: number; sha256: string }> = {}
  for (const [name, text] of Object.entries(FILES)) {
    write(path.join(resources, 'runtime', name), text)
    files[name] = { bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') }
  }
  const record = {
    ...{ version: '2.21.0', source: 'wheel', device: 'cpu', note: null, platform: 'linux-x64', linked: null },
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    files,
  }
  write(path.join(archive, 'runtime', 'library.json'), JSON.stringify(record))
  write(path.join(archive, 'binding', 'linux-x64-tf2.21.0', 'tfjs_binding.node'), 'packaged')
  return { archive, core: path.join(resources, 'runtime', 'lib', 'libtensorflow_cc.so.2') }
}

function write(file: string, text: string) {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}

/** The same length, so that only its hash tells. */
const alter = (file: string) => fs.writeFileSync(file, 'X'.repeat(fs.statSync(file).size))

const offline = (lab: Fakes, resourcesPath: string) => lab.options({ resourcesPath }, { FAKE_PIP: 'offline' })

describe('a library that the application carries', () => {
  it('is used without installing anything, and status and verify tell it', async () => {
    const lab = fakes({ compiler: false, python: false })
    const { archive, core } = application()
    const options = offline(lab, archive)
    const { library, reason } = await ensureTensorFlow(undefined, options)
    expect([library, reason]).toEqual([
      {
        path: path.dirname(core),
        bindingPath: path.join(path.dirname(core), '..', 'binding', 'tfjs_binding.node'),
        ...{ version: '2.21.0', source: 'application', device: 'cpu', note: null },
      },
      null,
    ])
    expect(await installRuntime(options)).toEqual(library)
    expect([isInstalled(options), isInstalled(lab.options())]).toEqual([true, false])
    expect(lab.downloads()).toEqual([])
    expect(await verifyRuntime(options)).toMatchObject({ library, files: 3, unchecked: null })
    let text = ''
    const io = { stdout: { write: (more: string) => (text += more) }, stderr: { write: () => {} } }
    expect(await runtimeCommand({ action: 'status', json: false }, io, options)).toBe(0)
    expect(text).toContain('TensorFlow 2.21.0 on CPU\nsource:   carried by the application\n')
  })

  it('gives way to what the user has installed or pointed at', async () => {
    const lab = fakes()
    const { archive } = application()
    const options = lab.options({ resourcesPath: archive })
    const own = await installRuntime({ ...options, force: true })
    expect(own.source).toBe('wheel')
    expect((await runtimeStatus(options)).library).toEqual(own)
    const used = await useRuntime(path.dirname(own.path), options)
    expect((await runtimeStatus(options)).library).toEqual(used)
  })

  it('stands in for an installation that is damaged, says so, and takes its place at the repair', async () => {
    const lab = fakes()
    const { archive } = application()
    const options = offline(lab, archive)
    const own = await installRuntime({ ...lab.options({ resourcesPath: archive }), force: true })
    const file = path.join(own.path, 'libtensorflow_cc.so.2')
    fs.truncateSync(file, 5)
    const { library } = await runtimeStatus(options)
    expect(library).toMatchObject({
      source: 'application',
      note:
        `The installed library is damaged: ${file} has 5 bytes instead of 11000. ` +
        'The library that the application carries stands in for it.',
    })
    expect(await installRuntime(options)).toEqual({ ...library, note: null })
    expect((await runtimeStatus(options)).library).toEqual({ ...library, note: null })
  })

  it('repairs without a network what only its hash tells to be damaged', async () => {
    const lab = fakes()
    const { archive } = application()
    const own = await installRuntime({ ...lab.options({ resourcesPath: archive }), force: true })
    alter(path.join(own.path, 'libtensorflow_cc.so.2'))
    expect(await installRuntime(offline(lab, archive))).toMatchObject({ source: 'application', note: null })
  })

  it('that was exchanged is known by the hash in the archive, and another is installed', async () => {
    const lab = fakes()
    const { archive, core } = application()
    alter(core)
    await expect(verifyRuntime(offline(lab, archive))).rejects.toThrow(
      `The installed library is damaged: ${core} is not what was installed.`,
    )
    await expect(installRuntime(offline(lab, archive))).rejects.toThrow(
      /is not what was installed\. It could not be/,
    )
    const library = await installRuntime(lab.options({ resourcesPath: archive }))
    expect(library.source).toBe('wheel')
    expect((await runtimeStatus(offline(lab, archive))).library).toEqual(library)
  })

  it('that is cut is not started with', async () => {
    const lab = fakes()
    const { archive, core } = application()
    fs.truncateSync(core, 3)
    const { library, reason } = await ensureTensorFlow(undefined, offline(lab, archive))
    expect(library).toBeNull()
    expect(reason).toContain(`${core} has 3 bytes instead of 15. It could not be repaired`)
  })
})
