/** What theory says of itself, over hundreds of networks; remarks.mjs bundles this and tells how it is called. */
import { parseArgs } from 'node:util'
import { ensureTensorFlow, progressPrinter } from '../main/runtime'
import { loadBackend } from '../main/trainer/backend'
import { readMemoryOf } from '../main/trainer/engine/machine-memory'
import { NODE_MEMORY } from '../main/trainer/node-memory'
import { checkRemark, deviationText, type RemarkCheck } from '../test/engine/remarks'

const number = (name: string, text: string, least: number): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  process.stderr.write(`--${name}: "${text}" is no whole number from ${least}.\n`)
  process.exit(2)
}

const { values: options } = parseArgs({
  options: {
    networks: { type: 'string', default: '400' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string', default: '0' },
  },
})
const [count, from] = [number('networks', options.networks, 1), number('from', options.from, 0)]
const seed = number('seed', options.seed, 0)

const { library, reason } = await ensureTensorFlow(progressPrinter(process.stderr))
if (!library) throw new Error(`The bench needs the native library: ${reason}`)
readMemoryOf(NODE_MEMORY)
const backend = loadBackend({ library })

const checks: RemarkCheck[] = []
for (let i = from; i < from + count; i++) {
  const check = await checkRemark(backend, i, seed)
  checks.push(check)
  process.stderr.write(`${i - from + 1} of ${count}: ${check.about}\n`)
  if (check.off.length || check.remark !== null) process.stdout.write(`${lineOf(check)}\n`)
  for (const wrong of check.wrong) process.stdout.write(`| ${check.about} | ${wrong} | LAW |\n`)
}

const off = checks.filter((one) => one.off.length)
const silent = off.filter(({ remark }) => remark === null)
const wrong = checks.filter((one) => one.wrong.length)
const spoke = checks.filter(({ remark }) => remark !== null)
const known = checks.filter(({ isKnown }) => isKnown)
process.stdout.write(
  `${count} kinds of networks from ${from}, seed ${seed}: ${off.length} left theory, ${silent.length} without a ` +
    `remark; one spoke of ${spoke.length}, of ${spoke.length - off.length + silent.length} that did not leave it. ` +
    `Laws of single networks: ${known.length} known, ${wrong.length} wrong.\n`,
)
process.exitCode = silent.length || wrong.length ? 1 : 0

/** A line of the table: which networks, the first and the last of what is off (or nothing), and what was said of it. */
function lineOf({ about, off, remark }: RemarkCheck): string {
  const ends = off.length > 1 ? [off[0], off[off.length - 1]] : off
  return `| ${about} | ${ends.map(deviationText).join(' … ') || 'nothing'} | ${remark ?? 'SILENT'} |`
}
