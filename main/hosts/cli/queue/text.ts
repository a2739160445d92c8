import { formatDuration, formatNumber } from '../../../../shared/base/format'
import type { QueueList } from '../../../../shared/protocol/protocol'
import type { QueueEntry } from '../../../../shared/queue/entry'
import { ownCommand } from '../../../files/program'
import { table } from '../output'

/** An entry as documents have it: its id beside the fields of all documents. */
export const entryFields = ({ id, ...rest }: QueueEntry) => ({ entry: id, ...rest })

/** The queue as a table. */
export function queueText({ entries, isPaused, note, progress }: QueueList): string {
  const lines = note ? [note] : []
  if (isPaused) lines.push(`The queue is paused; ${ownCommand('queue resume')} lets it go on.`)
  if (!entries.length)
    return [...lines, `Nothing is in the queue. Add to it: ${ownCommand('queue add train …')}`].join('\n')
  const rows = entries.map((entry) => [
    ...[entry.id, entry.state, entry.priority, entry.command, entry.name],
    wordsOf(entry, progress?.entry === entry.id ? progress : null),
  ])
  return [...lines, ...table([['entry', 'state', 'priority', 'command', 'name', ''], ...rows])].join('\n')
}

/** How far it is, what it has made, or why it has failed. */
function wordsOf({ state, reason, runs, sweep }: QueueEntry, progress: QueueList['progress']): string {
  if (progress) {
    const { message, rate, unit, secondsLeft } = progress.event
    const speed = rate === null ? '' : `, ${formatNumber(rate)} ${unit}/s`
    return `${message}${speed}${secondsLeft === null ? '' : `, about ${formatDuration(secondsLeft)} left`}`
  }
  if (reason !== null) return reason
  return state === 'done' ? (sweep ?? runs.join(', ')) : ''
}
