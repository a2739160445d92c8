/** How the screen kept up, in numbers and as a table. */
import { quantile } from './report.mjs'

/** Of a frame at 60 a second, in milliseconds. */
const FRAME = 1000 / 60
/** Milliseconds from a press or a key to what is seen of it. */
const INPUT = 50

/**
 * What is held to the goals. Frames a second and latencies are the clock's, and a machine that does other things too
 * makes them worse; the page's tasks are its own processor time, which says whether the page is at fault.
 */
export function summariseScreen(scenes) {
  const rows = scenes.map(({ name, trains, frames, inputs, mainThread, load }) => {
    const sum = (values) => values.reduce((total, value) => total + value, 0)
    return {
      scene: `five series of ${name}, ${trains ? 'training' : 'at rest'}`,
      trains,
      framesPerSecond: (1000 * frames.length) / sum(frames),
      // A frame that was left out makes the time to the next twice as long or more.
      framesInTime: frames.filter((time) => time < 1.5 * FRAME).length / frames.length,
      frame: spread(frames),
      inputs: inputs.length,
      input: spread(inputs.map(({ seen }) => seen)),
      handling: spread(inputs.map(({ handled }) => handled)),
      task: spread(mainThread.tasks),
      tasksOverFrame: mainThread.tasks.filter((time) => time > FRAME).length,
      tasksOverInput: mainThread.tasks.filter((time) => time > INPUT).length,
      busy: mainThread.busy,
      load,
    }
  })
  const goals = rows
    .filter(({ trains }) => trains)
    .flatMap(({ scene, framesPerSecond, input, task }) => [
      goal(`${scene}: frames a second`, framesPerSecond, 59, true),
      goal(`${scene}: milliseconds to 95 of 100 inputs seen`, input.high, INPUT),
      goal(`${scene}: longest task of the page, milliseconds of processor time`, task.maximum, INPUT),
    ])
  return { chromium: scenes[0].chromium, unit: 'milliseconds', rows, goals }
}

const spread = (values) => ({
  median: quantile(values, 0.5),
  high: quantile(values, 0.95),
  maximum: Math.max(...values),
})

const goal = (name, value, limit, isLeast = false) => ({
  ...{ name, value, limit, isLeast },
  met: isLeast ? value >= limit : value <= limit,
})

export function screenTable({ chromium, rows, goals }) {
  const number = (value) => value.toFixed(1).padStart(7)
  const percent = (share) => `${(100 * share).toFixed(0).padStart(6)} %`
  const three = ({ median, high, maximum }) => `${number(median)}${number(high)}${number(maximum)}`
  const width = 40
  return `${[
    `The page's frames, inputs and tasks, Chromium ${chromium}. Milliseconds: median, 95th percentile, longest.`,
    'Frames and inputs by the clock, from input to screen; tasks in processor time of the page’s own thread.',
    '',
    `${''.padEnd(width)}frames/s in time  input to screen      tasks of the page     > 16.7  > 50  busy   load`,
    ...rows.map(
      (row) =>
        `${row.scene.padEnd(width)}${number(row.framesPerSecond)}` +
        `${percent(row.framesInTime)}  ` +
        `${three(row.input)}${three(row.task)}${String(row.tasksOverFrame).padStart(8)}` +
        `${String(row.tasksOverInput).padStart(6)}${percent(row.busy)}${number(row.load)}`,
    ),
    '',
    ...goals.map(
      ({ name, value, limit, isLeast, met }) =>
        `  ${met ? 'met   ' : 'MISSED'}  ${name}: ${value.toFixed(1)} (at ${isLeast ? 'least' : 'most'} ${limit})`,
    ),
  ].join('\n')}\n`
}
