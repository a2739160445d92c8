import * as fs from 'node:fs'
import * as path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { main } from '../../main/hosts/cli'
import { experimentFromOptions } from '../../main/hosts/cli/options'
import { numberOrText } from '../../shared/base/decimal'
import { openBlockLibrary } from '../../main/hosts/lab/block-library'
import { openWorkspace } from '../../main/hosts/lab/workspace'
import { readDocument } from '../../shared/base/document'
import { InputError } from '../../shared/base/errors'
import { JsonError, lineAndColumn, readJson } from '../../shared/base/json'
import { parseDraft } from '../../shared/block/draft-file'
import { parseBlockGraph } from '../../shared/block/file'
import { BLOCK_LINK, decodeLink, sharedBlock } from '../../shared/block/link'
import { draftFromText } from '../../shared/editor/text'
import { parseExperiment } from '../../shared/experiment/experiment'
import { isJob, prepareJob } from '../../shared/protocol/jobs'
import { decodeMessage, parseRequest } from '../../shared/protocol/protocol'
import { SETTINGS, isNumberSetting } from '../../shared/settings/table'
import { parseValues } from '../../shared/settings/swept-values'
import { corpus, hostileText, keepInCorpus } from './fuzz'
import { WHOLE, temporaryFolder } from './lab'

// Each start of the command line listens to its output's errors; one process has one start.
vi.mock('../../bin/lib/streams.mjs', () => ({ endWithOutput() {} }))

// Whoever wrote a text, and whatever is in it: a value, or one line that says what is wrong, within a time that grows
// with the length of the text alone. What fails is kept in the corpus; commit it with the mend.

/** How long each reader is tried. */
const SECONDS = WHOLE ? 30 : 0.6

/** Each reads a text; refuses with an error whose message people are shown. */
type Reader = (text: string) => unknown

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
  fs.mkdirSync(path.join(folder, 'blocks'))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const value = (text: string) => readDocument(text, 'file', 'Mend it.')

/** A refusal of anything else is a fault of ours. */
class Refused extends Error {}

const OPTIONS = ['block', 'compare', 'remedies', 'width', 'gain', 'init', 'seed', 'network', 'experiment']

const READERS: Record<string, Reader> = {
  readJson(text) {
    try {
      return readJson(text).find('.nodes[1].op')
    } catch (error) {
      if (!(error instanceof JsonError)) throw error
      expect(lineAndColumn(text, error.at).line).toBeGreaterThan(0)
      throw new Refused(error.message)
    }
  },
  readDocument: value,
  parseBlockGraph: (text) => parseBlockGraph(value(text), 'file'),
  parseDraft: (text) => parseDraft(value(text), 'file'),
  'text form of a block'(text) {
    const { problem } = draftFromText(text)
    if (problem) throw new Refused(problem.text)
  },
  parseExperiment: (text) => parseExperiment(value(text), 'file'),
  decodeLink: (text) => decodeLink(text),
  'decodeLink of what is packed': (text) =>
    decodeLink(BLOCK_LINK + deflateRawSync(text).toString('base64url')),
  sharedBlock: (text) => sharedBlock(text),
  parseRequest(text) {
    let message: unknown
    try {
      message = decodeMessage(text)
    } catch {
      // The connection ends.
      return null
    }
    return requested(message)
  },
  'parseRequest of a job'(text) {
    let experiment: unknown
    try {
      experiment = decodeMessage(text)
    } catch {
      return null
    }
    const body = { type: 'lesion', experiment, lesion: experiment, settings: experiment }
    for (const type of ['signal', 'shatter', 'lesion', 'train']) {
      try {
        requested({ kind: 'request', id: '1', body: { ...body, type } })
      } catch (error) {
        if (!(error instanceof Refused || error instanceof InputError)) throw error
      }
    }
    return null
  },
  async workspace(text) {
    for (const name of fs.readdirSync(folder))
      if (name.startsWith('workspace')) fs.rmSync(path.join(folder, name))
    fs.writeFileSync(path.join(folder, 'workspace.json'), text)
    const { document, problem } = await openWorkspace(folder).load()
    if (problem) throw new Refused(problem)
    expect(document).not.toBeNull()
  },
  async 'library of blocks'(text) {
    fs.writeFileSync(path.join(folder, 'blocks', 'a.json'), text)
    const { problems } = openBlockLibrary(folder).list()
    if (problems.length) throw new Refused(problems[0])
  },
  'numbers of options': numberOrText,
  'values of a sweep'(text) {
    for (const s of SETTINGS.filter(isNumberSetting)) parseValues(s, text, `--${s.option}`)
  },
  options(text) {
    const file = path.join(folder, 'experiment.json')
    fs.writeFileSync(file, text)
    for (const name of OPTIONS) {
      for (const given of [text, file]) {
        try {
          experimentFromOptions({ [name]: given })
        } catch (error) {
          expectOneLine(error)
        }
      }
    }
  },
}

/** As a host takes a message. */
function requested(message: unknown) {
  let body: ReturnType<typeof parseRequest>['body']
  try {
    ;({ body } = parseRequest(message))
  } catch (error) {
    throw new Refused((error as Error).message)
  }
  return isJob(body) ? prepareJob(body) : body
}

function expectOneLine(error: unknown) {
  if (!(error instanceof InputError || error instanceof Refused)) throw error
  // Nothing that ends a line or moves a terminal's cursor.
  expect(error.message).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
  expect(error.message.length).toBeGreaterThan(5)
  expect(error.message.length).toBeLessThan(8000)
}

const PROTOTYPES = [Object.prototype, Array.prototype, String.prototype, Function.prototype]
const ownNames = () => PROTOTYPES.map((one) => Object.getOwnPropertyNames(one).length).join()
const untouched = ownNames()

/** What is promised of every reader and every text. */
async function check(read: Reader, text: string) {
  const start = process.cpuUsage()
  let refusal: unknown = null
  try {
    await read(text)
  } catch (error) {
    refusal = error
  }
  const { user, system } = process.cpuUsage(start)
  if (refusal !== null) expectOneLine(refusal)
  expect(ownNames()).toBe(untouched)
  return (user + system) / 1000
}

/** Some readers do the same several times over. */
const TIMES: Record<string, number> = { options: 2 * OPTIONS.length, 'parseRequest of a job': 4 }
const TRIES = 5

async function holds(name: string, text: string) {
  const budget = 100 * Math.max(1, text.length / 1e6) * (TIMES[name] ?? 1)
  let best = Infinity
  // The processor's time; a first run is compiled, and any may meet the collection of others' garbage.
  for (let i = 0; i < TRIES && best > budget; i++) best = Math.min(best, await check(READERS[name], text))
  expect(best, `ms for ${text.length} characters`).toBeLessThanOrEqual(budget)
}

describe.each(Object.keys(READERS))('%s', (name) => {
  test('keeps its promise for all that is in the corpus', async () => {
    expect(corpus.size).toBeGreaterThan(20)
    for (const [file, text] of corpus) {
      await holds(name, text).catch((error: Error) => {
        throw new Error(`${file}: ${error.message}`, { cause: error })
      })
    }
  })

  test('keeps its promise for hostile texts', { timeout: 600_000 }, async () => {
    const property = fc.asyncProperty(hostileText, (text) => holds(name, text))
    const details = await fc.check(property, { numRuns: 1e7, interruptAfterTimeLimit: SECONDS * 1000 })
    if (details.failed) {
      const [text] = details.counterexample!
      const file = keepInCorpus(name.replaceAll(' ', '-'), text)
      throw new Error(`${file} (seed ${details.seed}): ${details.errorInstance}`, {
        cause: details.errorInstance,
      })
    }
    expect(details.numRuns).toBeGreaterThan(0)
    if (WHOLE) console.info(`Fuzzing: ${name}: ${details.numRuns} texts.`)
  })
})

test('links in the corpus are read or refused by themselves', async () => {
  const links = [...corpus].filter(([file]) => file.endsWith('.link'))
  expect(links.length).toBeGreaterThan(3)
  let read = 0
  for (const [, link] of links) await decodeLink(link).then(() => read++, expectOneLine)
  expect(read).toBeGreaterThan(0)
  expect(read).toBeLessThan(links.length)
})

test(
  'words of a command line that mean nothing: exit code 2 and one line',
  { timeout: 600_000 },
  async () => {
    let said = ''
    const hear = (text: unknown) => ((said += String(text)), true)
    const spies = [vi.spyOn(process.stderr, 'write'), vi.spyOn(process.stdout, 'write')]
    spies.forEach((spy) => spy.mockImplementation(hear as never))
    try {
      const words = hostileText
        .map((text) => text.slice(0, 100_000))
        .filter((text) => !/^-?-?[a-z]{0,9}$/i.test(text))
      const property = fc.asyncProperty(words, fc.boolean(), async (word, isOption) => {
        said = ''
        const code = await main(isOption ? ['presets', `--no-such-${word}`] : [`no-such-${word}`])
        expect(code).toBe(2)
        expect(said.trimEnd().split('\n')).toHaveLength(1)
      })
      await fc.assert(property, { numRuns: WHOLE ? 2000 : 50 })
    } finally {
      spies.forEach((spy) => spy.mockRestore())
    }
  },
)
