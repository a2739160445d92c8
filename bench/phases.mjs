/**
 * What the time of a measurement goes into, of all series together. A step is recorded the first time and loaded as a
 * graph the second. Theory is computed by a thread beside: the end waits for what it has not found by then.
 */
export const PHASES = {
  plan: 'plans of the networks, before the first is drawn',
  record: 'the first two blocks each way: steps are recorded and loaded',
  forward: 'forward through the other blocks',
  backward: 'backward through the other blocks',
  theory: 'waiting for theory, after the last block',
}

/**
 * Milliseconds of each of `PHASES`. Series are measured together or one after the other: what passes before an event
 * is what led to it, whichever series it is of.
 * @param events of one answer, in the order in which they came, each with its time
 * @param whole milliseconds to the answer itself
 * @returns null where the events do not say it
 */
export function phasesOf({ events, whole }) {
  const started = events.find(({ event }) => event.type === 'started')
  if (!started) return null
  const { blocks } = started.event.experiment
  const phases = { plan: started.time, record: 0, forward: 0, backward: 0, theory: 0 }
  const isRecorded = ({ type, block }) => (type === 'forward' ? block <= 2 : block >= blocks - 1)
  let at = started.time
  for (const { event, time } of events) {
    if (event.type !== 'forward' && event.type !== 'backward') continue
    phases[isRecorded(event) ? 'record' : event.type] += time - at
    at = time
  }
  phases.theory = whole - at
  return phases
}
