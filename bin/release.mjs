#!/usr/bin/env node
// npm run release [-- --full]: builds and packages twice, compares, and leaves in dist/ the packages with their
// checksums, what they are made of and the licences. It publishes nothing: docs/releasing.md says what a person does.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { differences, sha256 } from './lib/compare-builds.mjs'
import { allNotices, noticesText } from './lib/notices.mjs'
import { billOfMaterials } from './lib/sbom.mjs'
import { electronToPackage, makeApplication, sourceTime } from './package.mjs'
import { root, run, say, setUp } from './setup.mjs'

const execute = promisify(execFile)
const output = join(root, 'dist')
const SBOM = 'sbom.cdx.json'
const LICENCE = 'LICENSE.txt'
const NOTICES = 'THIRD-PARTY-NOTICES.txt'

async function main(args) {
  const { values } = parseArgs({ args, options: { full: { type: 'boolean', default: false } } })
  await setUp()
  const electron = await electronToPackage()
  const commit = await sourcesCommitted(electron.test)
  const time = await sourceTime()
  await rm(output, { recursive: true, force: true })
  await mkdir(output)
  const again = await mkdtemp(join(tmpdir(), 'residual-lab-again-'))
  let packages, differing
  try {
    const first = await builtFromNothing(electron, output, values.full)
    packages = first.packages
    say('Once more, to compare')
    differing = await differences(first, await builtFromNothing(electron, again, values.full))
  } finally {
    await rm(again, { recursive: true, force: true })
  }

  await writeFile(
    join(output, SBOM),
    await billOfMaterials({ electron: electron.version, full: values.full, time }),
  )
  await copyFile(join(root, 'LICENSE'), join(output, LICENCE))
  await writeFile(join(output, NOTICES), noticesText(allNotices(root)))
  const sums = new Map(packages)
  for (const name of [SBOM, LICENCE, NOTICES]) sums.set(name, await sha256(join(output, name)))
  const lines = [...sums]
    .map(([name, sum]) => `${sum}  ${name}\n`)
    .sort((one, other) => (one.slice(66) < other.slice(66) ? -1 : 1))
  await writeFile(join(output, 'SHA256SUMS'), lines.join(''))
  await tidy(new Set([...sums.keys(), 'SHA256SUMS']))
  process.stdout.write(lines.join(''))
  if (differing.length)
    throw new Error(`Not reproducible. Built twice, these differ: ${differing.join('; ')}.`)
  const kind = electron.test ? 'TEST BUILD, not for giving away' : 'not signed'
  say(
    `Released from ${commit} in ${output}: ${packages.size} packages, the same byte for byte in two builds (${kind}).`,
  )
}

/** The packages, with bundles and all made anew. */
async function builtFromNothing(electron, folder, full) {
  const program = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const { code, output: said } = await run(process.execPath, [program, 'build'], { cwd: root })
  if (code !== 0) throw new Error(`The build failed:\n${said}`)
  const files = await makeApplication(electron, folder, { full })
  const packages = new Map()
  for (const file of files) packages.set(basename(file), await sha256(file))
  return { packages, folder }
}

/** The commit that is released; of a test build, what is not committed is only said. */
async function sourcesCommitted(isTest) {
  const { stdout: commit } = await execute('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root })
  const { stdout: changed } = await execute('git', ['status', '--porcelain'], { cwd: root })
  if (!changed) return commit.trim()
  const files = changed.trim().split('\n').length
  const told = `${files} ${files === 1 ? 'file is' : 'files are'} not committed`
  if (!isTest) throw new Error(`Nothing is released: ${told}. Commit, or put away, what git status shows.`)
  say(`${told}: a release would be refused, this test build is not.`)
  return `${commit.trim()} with changes`
}

/** Leaves what is given away. */
async function tidy(kept) {
  for (const name of await readdir(output)) {
    if (!kept.has(name)) await rm(join(output, name), { recursive: true, force: true })
  }
}

main(process.argv.slice(2)).catch((error) => {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
})
