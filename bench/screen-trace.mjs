/** What Chromium's trace says of the thread that a page's script and drawing commands run on. */

/**
 * Of the time between the page's marks `watched-begin` and `watched-end`, processor time of each task, in milliseconds:
 * what the page asks of the machine, which a busy machine only makes longer on the clock.
 * @param trace as Chromium's tracing writes it
 * @returns the tasks' times, and the share of the time that the thread was busy
 */
export function mainThreadOf({ traceEvents }) {
  const marks = ['watched-begin', 'watched-end'].map((wanted) =>
    traceEvents.find(({ name, cat }) => name === wanted && cat.includes('blink.user_timing')),
  )
  const [begin, end] = marks
  if (!begin || !end) throw new Error('The trace lacks the marks of the page.')
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid, ts }) =>
      ph === 'X' &&
      name === 'RunTask' &&
      pid === begin.pid &&
      tid === begin.tid &&
      ts > begin.ts &&
      ts < end.ts,
  )
  if (!tasks.length) throw new Error('The trace has no tasks of the page.')
  const times = tasks.map(({ tdur }) => tdur / 1000)
  const busy = times.reduce((sum, time) => sum + time, 0) / ((end.ts - begin.ts) / 1000)
  return { tasks: times, busy }
}
