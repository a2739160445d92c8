import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../setup.mjs'
import { dataNotice, packageNotices } from './notices.mjs'

const execute = promisify(execFile)

/**
 * What the packages are made of, as a CycloneDX document: the npm packages in the bundles and beside them, with what
 * npm knows of each, Electron, the data that the program carries, and in a full build TensorFlow's library. The same
 * sources give the same bytes.
 * @param {{electron: string, full: boolean, time: number}} build Electron's version; seconds since 1970
 */
export async function billOfMaterials({ electron, full, time }) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const known = await npmsDocument()
  const components = [...npmComponents(known.components), electronComponent(electron), dataComponent()]
  if (full) components.push(TENSORFLOW)
  components.sort((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1))
  const self = { ...known.metadata.component, type: 'application', name: manifest.name }
  const references = new Set(components.map((component) => component['bom-ref']))
  const within = (list) => list.filter((reference) => references.has(reference)).sort()
  const document = {
    ...known,
    // Npm's is random; this one is known once the rest is.
    serialNumber: undefined,
    metadata: { ...known.metadata, timestamp: new Date(1000 * time).toISOString(), component: self },
    components,
    dependencies: [
      { ref: self['bom-ref'], dependsOn: [...references].sort() },
      ...known.dependencies
        .filter(({ ref }) => references.has(ref))
        .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: within(dependsOn) }))
        .sort((one, other) => (one.ref < other.ref ? -1 : 1)),
    ],
  }
  const serialNumber = `urn:uuid:${uuidOf(JSON.stringify(document))}`
  return `${JSON.stringify({ ...document, serialNumber }, null, 2)}\n`
}

async function npmsDocument() {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { stdout } = await execute(npm, ['sbom', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    maxBuffer: 2 ** 28,
    shell: process.platform === 'win32',
  })
  return JSON.parse(stdout)
}

/** Of all that is installed, what ships. Throws if npm does not know one of them. */
function npmComponents(known) {
  const byKey = new Map(known.map((component) => [`${component.name}@${component.version}`, component]))
  const licences = new Map(
    packageNotices(root).map(({ name, version, licence }) => [`${name}@${version}`, licence]),
  )
  const unknown = [...licences.keys()].filter((key) => !byKey.has(key))
  if (unknown.length) throw new Error(`npm's bill of materials lacks ${unknown.join(', ')}: run \`npm ci\``)
  // Npm tells whether a package is for development; all of these are in the application.
  return [...licences].map(([key, id]) => {
    const component = byKey.get(key)
    // A package may name its licence in its text alone: npm does not know it then.
    const { licenses = [{ license: { id } }] } = component
    const properties = component.properties?.filter(({ name }) => name !== 'cdx:npm:package:development')
    return { ...component, licenses, scope: 'required', properties }
  })
}

const electronComponent = (version) => ({
  'bom-ref': `electron@${version}`,
  type: 'framework',
  name: 'electron',
  version,
  description: 'The runtime, with Chromium and Node; their parts are named in LICENSES.chromium.html.',
  scope: 'required',
  licenses: [{ license: { id: 'MIT' } }],
  purl: `pkg:npm/electron@${version}`,
})

function dataComponent() {
  const { name, version, licence } = dataNotice(root)
  return {
    'bom-ref': `data/${name}@${version}`,
    ...{ type: 'data', name, version, scope: 'required' },
    description: 'Digits of 8 × 8 pixels, which the program carries in its own code.',
    licenses: [{ license: { id: licence } }],
  }
}

const TENSORFLOW = {
  'bom-ref': 'tensorflow-cpu@2.21.0',
  type: 'library',
  name: 'tensorflow-cpu',
  version: '2.21.0',
  description:
    'libtensorflow_cc and libtensorflow_framework; their parts are named in THIRD_PARTY_NOTICES.txt.',
  scope: 'required',
  licenses: [{ license: { id: 'Apache-2.0' } }],
  purl: 'pkg:pypi/tensorflow-cpu@2.21.0',
}

/** A UUID of version 8 (RFC 9562, section 5.8) that is a hash of a text. */
function uuidOf(text) {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16)
  bytes[6] = (bytes[6] & 0x0f) | 0x80
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
