import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { installationOf } from '../../main/files/program'
import { temporary } from '../runtime/fakes'

/** What a process of an application sees, of this executable and with these resources. */
function application(executable: string, resources: string) {
  fs.mkdirSync(path.dirname(executable), { recursive: true })
  fs.writeFileSync(executable, '')
  return { execPath: executable, folder: path.join(resources, 'app.asar/out/main'), env: {} }
}

describe('how an installation’s command line is called', () => {
  let folder: string
  beforeEach(() => {
    folder = temporary()
  })

  test('in a checkout, under plain Node and under Electron, by npx', () => {
    const checkout = { name: 'npx residual-lab', archive: null }
    for (const execPath of ['/usr/bin/node', '/lab/node_modules/electron/dist/electron'])
      expect(installationOf({ execPath, env: {}, folder: '/lab/out/main' })).toEqual(checkout)
  })

  test('of an application by its executable, in quotes where its path has a space', () => {
    const plain = application(path.join(folder, 'lab/residual-lab'), path.join(folder, 'lab/resources'))
    expect(installationOf(plain)).toEqual({
      name: path.join(folder, 'lab/residual-lab'),
      archive: path.join(folder, 'lab/resources/app.asar'),
    })
    const spaced = application(path.join(folder, 'A Lab/residual-lab'), path.join(folder, 'A Lab/resources'))
    expect(installationOf(spaced).name).toBe(`"${folder}/A Lab/residual-lab"`)
  })

  test('by its name alone where the shell finds it so: Debian’s package', () => {
    const opt = application(
      path.join(folder, 'opt/A Lab/residual-lab'),
      path.join(folder, 'opt/A Lab/resources'),
    )
    const bin = path.join(folder, 'bin')
    fs.mkdirSync(bin)
    const withPath = { ...opt, env: { PATH: `/nowhere${path.delimiter}${bin}` } }
    // Another program of that name is not it.
    fs.writeFileSync(path.join(bin, 'residual-lab'), '')
    expect(installationOf(withPath).name).toBe(`"${opt.execPath}"`)
    fs.rmSync(path.join(bin, 'residual-lab'))
    fs.symlinkSync(opt.execPath, path.join(bin, 'residual-lab'))
    expect(installationOf(withPath).name).toBe('residual-lab')
  })

  test('of an AppImage by the image, where it is this one’s', () => {
    const mount = path.join(folder, '.mount_lab')
    const mounted = application(path.join(mount, 'residual-lab'), path.join(mount, 'resources'))
    const env = { APPDIR: mount, APPIMAGE: '/home/me/residual-lab-0.1.0.AppImage' }
    expect(installationOf({ ...mounted, env }).name).toBe('/home/me/residual-lab-0.1.0.AppImage')
    const others = { APPDIR: '/tmp/.mount_editor', APPIMAGE: '/home/me/editor.AppImage' }
    expect(installationOf({ ...mounted, env: others }).name).toBe(mounted.execPath)
  })

  test('of a process of an application for the Mac by what the user starts', () => {
    const contents = path.join(folder, 'Residual Lab.app/Contents')
    const main = path.join(contents, 'MacOS/Residual Lab')
    const resources = path.join(contents, 'Resources')
    const helper = path.join(
      contents,
      'Frameworks/Residual Lab Helper.app/Contents/MacOS/Residual Lab Helper',
    )
    expect(installationOf(application(main, resources)).name).toBe(`"${main}"`)
    for (const execPath of [helper, `${helper} (Plugin)`])
      expect(installationOf({ ...application(main, resources), execPath }).name).toBe(`"${main}"`)
  })
})

describe('sentences of an application', () => {
  const executable = '/opt/lab/residual-lab'
  const surroundings = { execPath: executable, env: {}, folder: '/opt/lab/resources/app.asar/out/main' }

  // Nothing but where the program lies is another.
  beforeEach(() => {
    vi.resetModules()
    vi.doMock('../../main/files/program', async (original) => {
      const real = await original<typeof import('../../main/files/program')>()
      const INSTALLATION = real.installationOf(surroundings)
      return { ...real, INSTALLATION, ...real.wordsOf(INSTALLATION) }
    })
  })
  afterEach(() => {
    vi.doUnmock('../../main/files/program')
    vi.resetModules()
  })

  test('name its own command line, also where another installation has written them down', async () => {
    const { inOwnWords, ownCommand } = await import('../../main/files/program')
    expect(ownCommand('runtime install')).toBe(`\`${executable} runtime install\``)
    for (const other of ['npx residual-lab', '"/opt/Residual Lab/residual-lab"', '/home/me/lab.AppImage'])
      expect(inOwnWords(`Look by \`nvidia-smi -L\`: \`${other} runtime install --gpu\` gets it.`)).toBe(
        `Look by \`nvidia-smi -L\`: \`${executable} runtime install --gpu\` gets it.`,
      )
  })

  test('name no command that it does not have', async () => {
    const { REINSTALL, hasCommand, orByCommand } = await import('../../main/files/program')
    expect(['runtime', 'export', 'data', 'signal'].map(hasCommand)).toEqual([true, true, false, false])
    expect(orByCommand('on the Data tab', 'data get mnist')).toBe('on the Data tab')
    expect(REINSTALL).toBe('Install Residual Lab anew.')
    const { findRun } = await import('../../main/runs/find-run')
    expect(() => findRun('mine', [])).toThrow('The Runs tab lists them.')
    expect(() => findRun('last', [])).toThrow('Measure or train networks first.')
  })

  test('of TensorFlow’s library say how it is got', async () => {
    const { runtimeStatus } = await import('../../main/runtime')
    const { hint } = await runtimeStatus({ context: { cacheFolder: temporary() } })
    expect(hint).toBe(`Run \`${executable} runtime install\`.`)
    const { gpuRefusal } = await import('../../main/runtime/nvidia')
    expect(gpuRefusal({ driver: null, gpus: [], trouble: null })!.sentences).toContain(
      `then run \`${executable} runtime install --gpu\`.`,
    )
  })
})

test('in a checkout the screen and the command line are named', async () => {
  const { REINSTALL, orByCommand } = await import('../../main/files/program')
  expect(orByCommand('on the Data tab', 'data remove mnist', 'data get mnist')).toBe(
    'on the Data tab, or by `npx residual-lab data remove mnist` and `npx residual-lab data get mnist`',
  )
  expect(REINSTALL).toBe('Run `npm ci` in the checkout.')
})
