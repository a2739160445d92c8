/** What was measured, in numbers and as a table. */

const ascending = (a, b) => a - b

export function quantile(values, q) {
  const sorted = [...values].sort(ascending)
  const at = q * (sorted.length - 1)
  const low = Math.floor(at)
  return sorted[low] + (at - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low])
}

export const median = (values) => quantile(values, 0.5)

/** Losses must agree to this, relative: the peers sum in another order. */
const lossTolerance = 1e-4

export function summarise(setup, machine, results, probes) {
  const variants = Object.fromEntries(
    [...results]
      .filter(([, { rounds }]) => rounds.length > 0)
      .map(([name, { rounds, losses }]) => [name, timing(rounds, losses)]),
  )
  const lossDifference = Math.max(...['1', 'n'].map((label) => worstLoss(results, label)))
  // The ratio of two variants is taken within each round, so that a busy machine disturbs both alike.
  const ratio = (ours, theirs) => {
    const [a, b] = [ours, theirs].map((name) => results.get(name).rounds.map(median))
    return median(a.map((value, i) => value / b[i]))
  }
  const probeCost = (label) => median(probes[label].map(([without, probed]) => probed / without))
  const target = (name, value, limit) => ({ name, value, limit, met: value <= limit })
  const targets = [
    target('1 network: time relative to tf.function', ratio('1 Residual Lab', '1 tf.function'), 1),
    target(
      `${setup.networks} networks: time relative to tf.function, batched`,
      ratio('n Residual Lab', 'n tf.function'),
      1.15,
    ),
    target(
      `${setup.networks} networks: time relative to JAX vmap + jit`,
      ratio('n Residual Lab', 'n JAX vmap + jit'),
      1,
    ),
    target('1 network: time with probes at 15 Hz relative to without', probeCost('1'), 1.1),
    target(`${setup.networks} networks: time with probes at 15 Hz relative to without`, probeCost('n'), 1.1),
  ]
  const { file: _, ...step } = setup
  return {
    step,
    machine,
    unit: 'milliseconds per step',
    variants,
    targets,
    lossDifference,
    lossesAgree: lossDifference < lossTolerance,
  }
}

function timing(rounds, losses) {
  const times = rounds.flat()
  return {
    median: median(times),
    low: quantile(times, 0.25),
    high: quantile(times, 0.75),
    minimum: Math.min(...times),
    steps: times.length,
    lossAfterThreeSteps: losses[0],
  }
}

/** The largest relative difference of a loss to that of the first variant with as many networks. */
function worstLoss(results, label) {
  const all = [...results].filter(([name]) => name.startsWith(`${label} `)).map(([, { losses }]) => losses)
  const [first] = all
  return Math.max(...all.flatMap((losses) => losses.map((loss, i) => Math.abs(loss / first[i] - 1))))
}

export function table({ step, machine, variants, targets, lossDifference, lossesAgree }) {
  const number = (value) => value.toPrecision(3).padStart(8)
  const width = 37
  const row = ([name, { median, low, high, minimum, steps }]) =>
    `${name.replace(/^n /, `${step.networks} `).padEnd(width)}${number(median)}  ${number(low)} ` +
    `to${number(high)}  ${number(minimum)}  ${String(steps).padStart(6)}`
  const mark = ({ name, value, limit, met }) =>
    `  ${met ? 'met   ' : 'MISSED'}  ${name}: ${value.toFixed(3)} (at most ${limit})`
  return `${[
    `One training step: ${step.blocks} blocks, width ${step.width}, batch ${step.batch}. Milliseconds.`,
    `${machine.processor}, ${machine.cores} cores; ${machine.device}; Node ${machine.node}; JAX ${machine.peers.jax}`,
    '',
    `${''.padEnd(width)}  median   middle half of steps   minimum   steps`,
    ...Object.entries(variants).map(row),
    '',
    ...targets.map(mark),
    `  ${lossesAgree ? 'agree ' : 'DIFFER'}  losses after three steps, relative difference at most ` +
      `${lossDifference.toExponential(1)}`,
  ].join('\n')}\n`
}
