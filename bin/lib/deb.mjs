#!/usr/bin/env node
// Makes a Debian package with dpkg-deb from the options that electron-builder gives to fpm, a Ruby program that it
// would download (CUSTOM_FPM_PATH names this file instead). The same input gives the same bytes: SOURCE_DATE_EPOCH is
// every file's latest time.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

const WITHOUT_VALUE = new Set(['--force', '--debug'])
/** Once the package is made, its files are root's; the permissions have to be right before. */
const [FILE, PROGRAM] = [0o644, 0o755]

const { options, paths } = parse(process.argv.slice(2))
const tree = mkdtempSync(join(tmpdir(), 'residual-lab-deb-'))
try {
  for (const path of paths) add(path)
  const control = join(tree, 'DEBIAN')
  mkdirSync(control)
  for (const [option, script] of [
    ['--after-install', 'postinst'],
    ['--after-remove', 'postrm'],
  ]) {
    copyFileSync(one(option), join(control, script))
    chmodSync(join(control, script), PROGRAM)
  }
  const files = filesIn(tree).filter((file) => !relative(tree, file).startsWith('DEBIAN'))
  writeFileSync(join(control, 'control'), description(files))
  writeFileSync(join(control, 'md5sums'), sums(files))
  setPermissions(tree)
  const compression = one('--deb-compression') === 'gz' ? '-Zgzip' : '-Zxz'
  execFileSync('dpkg-deb', ['--root-owner-group', compression, '--build', tree, one('--package')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
} finally {
  rmSync(tree, { recursive: true, force: true })
}

/** Options by name, each with all its values, and what else was given: `FROM=TO`. */
function parse(words) {
  const options = new Map()
  const paths = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (WITHOUT_VALUE.has(word)) continue
    if (word.startsWith('-')) options.set(word, [...(options.get(word) ?? []), words[++at]])
    else paths.push(word)
  }
  return { options, paths }
}

function one(option) {
  const value = options.get(option)?.[0]
  if (value === undefined) throw new Error(`deb.mjs: ${option} is missing`)
  return value
}

function add(path) {
  const [, from, to] = /^(.+)=(\/.+)$/.exec(path) ?? []
  if (!from) throw new Error(`deb.mjs: "${path}" is not of the form FROM=TO`)
  const target = join(tree, to)
  mkdirSync(dirname(target), { recursive: true })
  cpSync(from, target, { recursive: true, verbatimSymlinks: true })
}

function description(files) {
  const kilobytes = files.reduce((sum, file) => sum + Math.ceil(lstatSync(file).size / 1024), 0)
  const url = options.get('--url')?.[0] ?? ''
  const [synopsis, ...rest] = one('--description')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  return [
    `Package: ${one('--name')}`,
    `Version: ${one('--version')}`,
    `Architecture: ${one('--architecture')}`,
    `Maintainer: ${one('--maintainer')}`,
    `Installed-Size: ${kilobytes}`,
    `Section: education`,
    `Priority: ${options.get('--deb-priority')?.[0] ?? 'optional'}`,
    `Depends: ${(options.get('-d') ?? []).join(', ')}`,
    ...(options.has('--deb-recommends') ? [`Recommends: ${options.get('--deb-recommends').join(', ')}`] : []),
    // electron-builder insists on a home page; a name that is reserved for none says that there is none.
    ...(/^https?:\/\/[^/]*\.invalid\b/.test(url) || !url ? [] : [`Homepage: ${url}`]),
    `Description: ${synopsis}`,
    ...rest.map((line) => ` ${line}`),
    '',
  ].join('\n')
}

function sums(files) {
  return files
    .filter((file) => lstatSync(file).isFile())
    .map((file) => `${createHash('md5').update(readFileSync(file)).digest('hex')}  ${relative(tree, file)}\n`)
    .join('')
}

function filesIn(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name)
      return lstatSync(path).isDirectory() ? filesIn(path) : [path]
    })
}

/** Whoever builds the package may have a strict umask; whoever installs it is another user. */
function setPermissions(folder) {
  chmodSync(folder, PROGRAM)
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const found = lstatSync(path)
    if (found.isDirectory()) setPermissions(path)
    else if (found.isFile()) chmodSync(path, found.mode & 0o100 ? PROGRAM : FILE)
  }
}
