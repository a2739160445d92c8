#!/usr/bin/env node
/**
 * npm run reproduce [-- --only GROUP/TRAINING] [--report]
 *
 * Trains the networks of the figures in reproduce/figures.mjs with the product's own command line and writes
 * docs/reproduction.md with pictures: what was expected, what came out, and whether it lies within the tolerance.
 * Trainings that were made before are kept in .cache/reproduce and not made again; --only makes one (again), --report
 * none. Progress goes to standard error. Exit status 1 if a figure that was made lies outside.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GROUPS, argumentsOf } from './reproduce/figures.mjs'
import { outcomesOf, report } from './reproduce/report.mjs'
import { curvesPicture } from './reproduce/picture.mjs'

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, report: { type: 'boolean', default: false } },
})
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cache = join(root, '.cache', 'reproduce')
const say = (text) => process.stderr.write(`${text}\n`)

const trainings = GROUPS.flatMap((group) => group.trainings.map((training) => ({ group, training })))
const nameOf = ({ group, training }) => `${group.id}/${training.id}`
const fileOf = ({ group, training }) => join(cache, `${group.id}-${training.id}.json`)

if (options.only !== undefined && !trainings.some((one) => nameOf(one) === options.only)) {
  say(`--only: there is no training "${options.only}". There are ${trainings.map(nameOf).join(', ')}.`)
  process.exit(2)
}
mkdirSync(cache, { recursive: true })
for (const one of trainings) {
  const isAsked = options.only === undefined ? !existsSync(fileOf(one)) : options.only === nameOf(one)
  if (!options.report && isAsked) train(one)
}

const made = trainings.filter((one) => existsSync(fileOf(one)))
const documents = new Map(made.map((one) => [nameOf(one), JSON.parse(readFileSync(fileOf(one), 'utf8'))]))
const outcomes = outcomesOf(documents)
const page = join(root, 'docs', 'reproduction.md')
writeFileSync(page, report(outcomes, documents, existsSync(page) ? readFileSync(page, 'utf8') : ''))
for (const group of GROUPS) {
  const own = outcomes.filter((one) => one.group === group && one.series)
  if (own.length) writeFileSync(join(root, 'docs', `reproduction-${group.id}.svg`), curvesPicture(group, own))
}
say(`docs/reproduction.md: ${documents.size} of ${trainings.length} trainings were made.`)
process.exitCode = outcomes.some(({ isWithin }) => isWithin === false) ? 1 : 0

function train(one) {
  const args = [...argumentsOf(one.group, one.training), '--json', '--no-keep']
  say(`npx residual-lab ${args.join(' ')}`)
  // One that is there already is not got again.
  if (one.group.options.data) run('data', 'get', one.group.options.data)
  const { status, stdout } = run(...args)
  if (status !== 0) throw new Error(`${nameOf(one)} ended with exit code ${status}.`)
  writeFileSync(fileOf(one), stdout)
}

function run(...args) {
  const launcher = join(root, 'bin', 'residual-lab.mjs')
  const stdio = ['ignore', 'pipe', 'inherit']
  return spawnSync(process.execPath, [launcher, ...args], { stdio, maxBuffer: 2 ** 30 })
}
