import { InputError } from '../../../../shared/base/errors'
import { choice } from '../../../../shared/base/check'
import { newEntry } from '../../../../shared/protocol/queue'
import { MOVES, PRIORITIES, type Queue, type QueueWork } from '../../../../shared/queue/entry'
import {
  added,
  clearedIds,
  findEntry,
  inOrder,
  isEnded,
  moved,
  paused,
  prioritised,
  removed,
  restored,
  resumed,
} from '../../../../shared/queue/order'
import { dataFolder } from '../../../files/data-folder'
import { ownCommand } from '../../../files/program'
import { openQueueStore } from '../../../queue/store'
import { listOf } from '../../lab/queue'
import { JSON_OPTION, type CliCommand, type CliGroup, type CommandOption, type OptionTexts } from '../command'
import { print, printDocument } from '../output'
import { entryFields, queueText } from '../queue/text'
import { sweepWorkOf, workOf } from '../queue/work'
import { workOffQueue } from '../queue/work-off'
import type { RunCommand } from '../run-command'
import { depth } from './depth'
import { lesion } from './lesion'
import { order } from './order'
import { shatter } from './shatter'
import { signal } from './signal'
import { train } from './train'

const open = () => openQueueStore(dataFolder())
const now = () => new Date().toISOString()

/** The queue after a change: the document, or a sentence. */
async function change(options: OptionTexts, sentence: string, next: (queue: Queue) => Queue): Promise<void> {
  const store = open()
  await store.change(next)
  if (options.json === true) printDocument(documentOf(listOf(store)))
  else print(sentence)
}

const documentOf = ({ entries, ...rest }: ReturnType<typeof listOf>) => ({
  ...rest,
  entries: entries.map(entryFields),
})

const list: CliCommand = {
  name: 'list',
  description: 'List the queue: what is to be done, in its order, and what has ended.',
  options: [JSON_OPTION],
  run({ json }) {
    const queue = listOf(open())
    if (json === true) return printDocument(documentOf(queue))
    if (queue.problem) process.stderr.write(`${queue.problem}\n`)
    print(queueText(queue))
  },
}

/** One command on one entry, or on all of the queue where none is named. */
const onEntry = (
  name: string,
  description: string,
  words: { one: string; all: string },
  next: (queue: Queue, id: string | null) => Queue,
): CliCommand => ({
  name: `${name} [ENTRY]`,
  description,
  options: [JSON_OPTION],
  async run(options, text) {
    const id = text === undefined ? null : findEntry(listOf(open()).entries, text).id
    await change(options, id === null ? words.all : `${id} ${words.one}`, (queue) => next(queue, id))
  },
})

const pause = onEntry(
  'pause',
  'Hold one entry, or the whole queue; a training that runs is stopped with its checkpoint.',
  { one: 'is paused.', all: 'The queue is paused.' },
  paused,
)

const resume = onEntry(
  'resume',
  'Let one entry go on, or try again, or the whole queue.',
  { one: 'waits.', all: `The queue goes on: in the workbench, or by ${ownCommand('queue run')}.` },
  resumed,
)

const named = (text: string) => findEntry(listOf(open()).entries, text)

const move: CliCommand = {
  name: 'move <ENTRY> <TO>',
  description: 'Move an entry among those that wait with its priority: up, down, first or last.',
  options: [JSON_OPTION],
  async run(options, text, to) {
    const where = choice(to, 'TO', MOVES)
    const { id } = named(text)
    await change(options, `${id} is moved.`, (queue) => moved(queue, id, where))
  },
}

const priority: CliCommand = {
  name: 'priority <ENTRY> <PRIORITY>',
  description: 'Give an entry another priority: high, normal or low.',
  options: [JSON_OPTION],
  async run(options, text, given) {
    const own = choice(given, 'PRIORITY', PRIORITIES)
    const { id } = named(text)
    await change(options, `${id} has the priority ${own}.`, (queue) => prioritised(queue, id, own))
  },
}

const remove: CliCommand = {
  name: 'remove <ENTRY>',
  description: 'Take an entry off the queue; runs that it has made stay.',
  options: [JSON_OPTION],
  async run(options, text) {
    const { id, name } = named(text)
    const words = `${id} (${name}) is off the queue; ${ownCommand(`queue restore ${id}`)} brings it back, for a day.`
    await change(options, words, (queue) => removed(queue, [id], now()))
  },
}

const restore: CliCommand = {
  name: 'restore <ENTRY>',
  description: 'Bring back an entry that was removed, by its id.',
  options: [JSON_OPTION],
  run: (options, id) => change(options, `${id} is in the queue.`, (queue) => restored(queue, [id])),
}

const clear: CliCommand = {
  name: 'clear',
  description: 'Take everything off the queue; runs that were made stay.',
  options: [JSON_OPTION, ['--ended', 'only what is done or has failed']],
  async run(options) {
    const ids = clearedIds(open().read().queue, options.ended === true ? 'ended' : 'all')
    const words =
      ids.length > 0
        ? `${ids.length === 1 ? 'One entry is' : `${ids.length} entries are`} off the queue: ${ids.join(', ')}. ` +
          `${ownCommand('queue restore ENTRY')} brings one back, for a day.`
        : 'Nothing was to be taken off the queue.'
    await change(options, words, (queue) => removed(queue, ids, now()))
  },
}

const PRIORITY: CommandOption = ['--priority <high|normal|low>', 'before or after others. Default: normal.']
/** The queue keeps every result. */
const isOwn = ([flags]: CommandOption) => !/^--(keep|no-keep|name|regions)\b/.test(flags)

/** A command that is queued in place of being done. */
const queued = (
  command: RunCommand,
  more: readonly CommandOption[],
  work: (options: OptionTexts, name?: string) => QueueWork | Promise<QueueWork>,
): CliCommand => ({
  name: command.name,
  description: command.description,
  options: [...command.options.filter(isOwn), ...more, PRIORITY],
  async run({ priority: text, name, json, ...options }) {
    const own = text === undefined ? 'normal' : choice(text, '--priority', PRIORITIES)
    const given = typeof name === 'string' ? name : undefined
    const entry = newEntry(await work(options, given), own, given)
    const store = open()
    let id = ''
    await store.change((queue) => {
      const next = added(queue, entry, now())
      id = next.id
      return next.queue
    })
    const left = inOrder(store.read().queue.entries).filter((one) => !isEnded(one))
    const place = left.findIndex((one) => one.id === id)
    if (json === true) return printDocument(entryFields(listOf(store).entries[place]))
    const before = place === 0 ? 'next' : `after ${place} ${place === 1 ? 'other' : 'others'}`
    print(`${id}: ${entry.command}, ${entry.name}; ${before}.`)
  },
})

const add: CliGroup = {
  name: 'add',
  description: 'Put a command, or a sweep of signal or train, into the queue in place of running it.',
  commands: [
    ...[signal, order, lesion, shatter, train, depth].map((command) =>
      queued(command, [['--name <NAME>', 'the run’s name']], (options, name) =>
        workOf(command, options, name),
      ),
    ),
    {
      name: 'sweep',
      description: 'Put a sweep into the queue.',
      commands: [signal, train].map((command) =>
        queued(
          command,
          [['--name <NAME>', 'the sweep’s name, with which the names of its runs begin']],
          (options, name) => sweepWorkOf(command, { ...options, ...(name !== undefined && { name }) }),
        ),
      ),
    },
  ],
}

const run: CliCommand = {
  name: 'run',
  description: 'Work the queue off here; Ctrl+C keeps what is left.',
  options: [JSON_OPTION],
  async run(options) {
    const store = open()
    const { queue, problem } = store.read()
    if (problem) throw new Error(problem)
    if (queue.isPaused)
      throw new InputError(
        'queue',
        queue.note ?? 'it is paused',
        `Let it go on with ${ownCommand('queue resume')}.`,
      )
    const { done, failed } = await workOffQueue(store)
    if (options.json === true) printDocument({ done, failed })
    else print(`${done.length} done${failed.length ? `, ${failed.length} failed` : ''}.`)
    return failed.length ? 1 : 0
  },
}

/** One queue for all jobs. */
export const queue: CliGroup = {
  name: 'queue',
  description: 'The queue of jobs: it is worked off in the workbench, or by queue run.',
  commands: [list, add, run, pause, resume, move, priority, remove, restore, clear],
}
