import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { createPackage } from '@electron/asar'
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js'
import { afterAll, describe, expect, test } from 'vitest'
import { differences, sha256 } from '../../bin/lib/compare-builds.mjs'
import { allNotices } from '../../bin/lib/notices.mjs'
import { billOfMaterials } from '../../bin/lib/sbom.mjs'
import { configuration } from '../../bin/package.mjs'
import { missingBuild, root } from '../e2e/bench'

const missing = missingBuild()
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-release-'))
afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }))

describe('the configuration of the packages', () => {
  const debug = { isEnabled: false, add() {} } as never
  const effective = async (test: boolean) => {
    const electron = { dist: scratch, version: test ? '22.3.25' : '45.4.1', test }
    const own = await configuration(electron, scratch)
    return getConfig(root, null, own)
  }

  test.for([false, true])(
    'is what electron-builder takes (of a test build: %s)',
    async (isTest, { skip }) => {
      if (missing) return skip(missing)
      const config = await effective(isTest)
      await expect(validateConfiguration(config, debug)).resolves.toBeUndefined()
      expect([config.linux?.target, config.mac?.target, config.win?.target]).toEqual([
        ['AppImage', 'deb', 'tar.gz'],
        ['dmg', 'zip'],
        ['nsis', 'zip'],
      ])
      expect(config.productName).toBe(isTest ? 'Residual Lab test build' : 'Residual Lab')
      expect(config.electronFuses).toMatchObject({ runAsNode: false, enableNodeCliInspectArguments: isTest })
    },
  )

  test.for(['linux', 'mac', 'win', 'nsis', 'dmg', 'deb'])(
    'a misspelt key under %s is refused',
    async (part) => {
      const config = await effective(false)
      const wrong = { ...config, [part]: { ...(config as Record<string, object>)[part], icno: 'x' } }
      await expect(validateConfiguration(wrong as never, debug)).rejects.toThrow(`configuration.${part}`)
    },
  )
})

test('the bill of materials names what ships and nothing else, the same every time', async ({ skip }) => {
  if (missing) return skip(missing)
  const build = { electron: '45.4.1', full: true, time: 1_700_000_000 }
  const text = await billOfMaterials(build)
  expect(await billOfMaterials(build)).toBe(text)
  const bill = JSON.parse(text) as {
    serialNumber: string
    metadata: { timestamp: string; component: { name: string; type: string } }
    components: {
      type: string
      name: string
      version: string
      purl?: string
      licenses: unknown[]
      hashes?: unknown[]
    }[]
    dependencies: { ref: string; dependsOn: string[] }[]
  }
  expect(bill.serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  expect(bill.metadata.timestamp).toBe('2023-11-14T22:13:20.000Z')
  expect(bill.metadata.component).toMatchObject({ name: 'residual-lab', type: 'application' })
  const shipped = new Set(allNotices(root).map(({ name }) => name))
  expect(new Set(bill.components.map(({ name }) => name))).toEqual(
    new Set([...shipped, 'electron', 'tensorflow-cpu']),
  )
  expect(shipped).toContain('svelte')
  expect(shipped).not.toContain('vitest')
  for (const { type, purl, licenses } of bill.components) {
    // Data are no package.
    if (type === 'data') expect(purl).toBeUndefined()
    else expect(purl).toMatch(/^pkg:(npm|pypi)\/.+@/)
    expect(licenses.length).toBeGreaterThan(0)
  }
  const other = JSON.parse(await billOfMaterials({ ...build, electron: '45.4.2' })) as typeof bill
  expect(other.serialNumber).not.toBe(bill.serialNumber)
})

describe('two builds', () => {
  /** A build of one package, with one file in its archive and one beside it. */
  async function build(name: string, inside: string, beside: string, packed: string) {
    const folder = path.join(scratch, name)
    const unpacked = path.join(folder, 'linux-unpacked')
    const sources = path.join(scratch, `${name}-sources`)
    fs.mkdirSync(path.join(sources, 'out'), { recursive: true })
    fs.mkdirSync(path.join(unpacked, 'resources'), { recursive: true })
    fs.writeFileSync(path.join(sources, 'out', 'index.cjs'), inside)
    await createPackage(sources, path.join(unpacked, 'resources', 'app.asar'))
    fs.writeFileSync(path.join(unpacked, 'residual-lab'), beside)
    const file = path.join(folder, 'lab.deb')
    fs.writeFileSync(file, packed)
    return { folder, packages: new Map([['lab.deb', await sha256(file)]]) }
  }

  test('that are the same say nothing', async () => {
    expect(await differences(await build('a', '1', '1', 'p'), await build('b', '1', '1', 'p'))).toEqual([])
  })

  test('that differ say in which files, those of the archive included', async () => {
    expect(await differences(await build('c', '1', '1', 'p'), await build('d', '2', '1', 'q'))).toEqual([
      'lab.deb: made of different files: linux-unpacked/resources/app.asar/out/index.cjs',
    ])
    expect(await differences(await build('e', '1', '1', 'p'), await build('f', '1', '2', 'q'))).toEqual([
      'lab.deb: made of different files: linux-unpacked/residual-lab',
    ])
  })

  test('or that it is the packing', async () => {
    expect(await differences(await build('g', '1', '1', 'p'), await build('h', '1', '1', 'q'))).toEqual([
      'lab.deb: made of the same files: the packing itself differs, in times, order or permissions',
    ])
  })
})
