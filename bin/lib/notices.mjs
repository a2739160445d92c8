import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where the build leaves what it knows of the packages in its bundles, a file for each bundle. */
const FOLDER = 'notices'

/**
 * @typedef {object} Notice what a package asks to be said of it
 * @property {string} name
 * @property {string} version
 * @property {string} licence its SPDX name
 * @property {string | null} text of its licence file
 */

/**
 * For rollup-plugin-license: keeps the notices of all packages in a bundle.
 * @param {import('./source-notices.mjs').SourceNotices} sources of its modules
 */
export const noticesOutput = (folder, bundle, sources) => (dependencies) => {
  const notices = dependencies
    .map(({ name, version, license, licenseText, noticeText }) => ({
      name,
      version,
      licence: license ?? licenceOf(licenseText),
      text: sources.beside(name, [licenseText, noticeText].filter(Boolean).join('\n\n') || null),
    }))
    .sort(byName)
  mkdirSync(join(folder, FOLDER), { recursive: true })
  writeFileSync(join(folder, FOLDER, `${bundle}.json`), `${JSON.stringify(notices, null, 2)}\n`)
}

/** The name of a licence by its text, for packages that do not name it. */
const licenceOf = (text) => (/^(The )?MIT License\b/i.test(text?.trim() ?? '') ? 'MIT' : null)

/** Who holds the rights in packages that bring no text of their licence, the MIT licence. */
const HOLDERS = { 'onnxruntime-web': 'Copyright (c) Microsoft Corporation' }

/** The notices of every bundle that was built. */
export function bundledNotices(root) {
  const folder = join(root, 'out', FOLDER)
  if (!existsSync(folder)) throw new Error(`${folder} is missing: run \`npm run build\` first`)
  const own = readFileSync(join(root, 'LICENSE'), 'utf8')
  const mit = (holder) => own.replace(/^Copyright .*$/m, holder)
  return readdirSync(folder)
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .map((notice) => ({
      ...notice,
      text: notice.text ?? (HOLDERS[notice.name] ? mit(HOLDERS[notice.name]) : null),
    }))
}

/** The notice of a package that ships as it is. */
export function packageNotice(manifestFile) {
  const { name, version, license, licenses } = JSON.parse(readFileSync(manifestFile, 'utf8'))
  const folder = dirname(manifestFile)
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
  return { name, version, licence: license ?? licenses?.[0]?.type ?? null, text: text || null }
}

/** Packages that electron-builder.yml puts into the archive as they are. */
function unbundledNotices(root) {
  const modules = join(root, 'node_modules')
  const scope = readdirSync(join(modules, '@tensorflow')).map((name) => `@tensorflow/${name}`)
  const others = ['@mapbox/node-pre-gyp', 'long', 'seedrandom', 'google-protobuf', 'progress']
  return [...scope, ...others].map((name) => packageNotice(join(modules, name, 'package.json')))
}

/** What the licences of data ask to be said of them, which the program carries in its own code. */
export const dataNotice = (root) => ({
  name: 'Optical Recognition of Handwritten Digits',
  version: '1998',
  licence: 'CC-BY-4.0',
  text: readFileSync(join(root, 'shared', 'data', 'LICENCE.md'), 'utf8'),
})

/** The notices of all that ships of npm's packages. */
export const packageNotices = (root) => [...bundledNotices(root), ...unbundledNotices(root)]

/** The notices of all that ships and is not ours: npm's packages, and data. */
export const allNotices = (root) => [...packageNotices(root), dataNotice(root)]

/** One text for all; a licence that several packages share word for word is written once. */
export function noticesText(notices) {
  const byKey = new Map(notices.map((notice) => [`${notice.name} ${notice.version}`, notice]))
  const unnamed = [...byKey.values()].filter(({ licence }) => !licence)
  if (unnamed.length) {
    throw new Error(
      `no licence is named by ${unnamed.map(({ name }) => name).join(', ')}: it cannot be shipped`,
    )
  }
  const byText = new Map()
  for (const notice of [...byKey.values()].sort(byName)) {
    const text = notice.text?.trim() ?? `The package holds no text of its licence, ${notice.licence}.`
    byText.set(text, [...(byText.get(text) ?? []), notice])
  }
  const parts = [...byText].map(([text, sharing]) => {
    const names = sharing.map(({ name, version, licence }) => `${name} ${version} (${licence})`)
    return `${names.join('\n')}\n\n${text}\n`
  })
  const first =
    'Residual Lab contains the packages below. Electron and Chromium, on which it runs, have theirs in\n' +
    'LICENSE.electron.txt and LICENSES.chromium.html.\n'
  return [first, ...parts].join(`\n${'-'.repeat(80)}\n\n`)
}

const byName = (one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)
