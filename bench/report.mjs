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

/** ResNet-20 on what. */
const RESIDUAL = {
  resnet: 'ResNet-20',
  images28: 'ResNet-20, 28 x 28 x 1',
  images32: 'ResNet-20, 32 x 32 x 3',
}

/** Who trains it, too. */
const PEERS = ['PyTorch', 'tf.function', 'Keras fit']

/**
 * @param probes null or false: not measured
 * @param starts likewise
 */
export function summarise(setup, machine, results, probes, starts) {
  const variants = Object.fromEntries(
    [...results]
      .filter(([, { rounds }]) => rounds.length > 0)
      .map(([name, { rounds, losses }]) => [name, timing(rounds, losses)]),
  )
  const labels = ['1', 'n', ...Object.keys(RESIDUAL)]
  const lossDifference = Math.max(0, ...labels.map((label) => worstLoss(results, label)))
  // The ratio of two variants is taken within each round, so that a busy machine disturbs both alike.
  const ratio = (ours, theirs) => {
    const [a, b] = [ours, theirs].map((name) => results.get(name).rounds.map(median))
    return median(a.map((value, i) => value / b[i]))
  }
  const probeCost = (label) => median(probes[label].map(([without, probed]) => probed / without))
  const n = setup.networks
  const target = (name, value, limit) => ({ name, value, limit, met: value <= limit })
  const compared = (name, ours, theirs, limit) =>
    results.has(theirs) && results.has(ours) ? [target(name, ratio(ours, theirs), limit)] : []
  const fastest = (label, name) => {
    const ours = `${label} Residual Lab`
    const theirs = PEERS.map((peer) => `${label} ${peer}`).filter((peer) => results.has(peer))
    if (!theirs.length || !results.has(ours)) return []
    const value = Math.max(...theirs.map((peer) => ratio(ours, peer)))
    return [target(`${name}: time relative to the fastest peer`, value, 1.1)]
  }
  const targets = [
    ...compared('1 network: time relative to PyTorch', '1 Residual Lab', '1 PyTorch', 1),
    ...compared(`${n} networks: time relative to PyTorch, batched`, 'n Residual Lab', 'n PyTorch batched', 1),
    ...compared(
      `five series of ${n / 5}: time relative to PyTorch, ${n} networks batched`,
      'five Residual Lab',
      'n PyTorch batched',
      1.1,
    ),
    ...compared('1 network: time relative to tf.function', '1 Residual Lab', '1 tf.function', 0.85),
    ...compared(`${n} networks: time relative to tf.function`, 'n Residual Lab', 'n tf.function', 1),
    ...compared(
      `${n} networks: time relative to Keras, one at a time`,
      'n Residual Lab',
      'n Keras fit, one at a time',
      0.2,
    ),
    ...compared(`${n} networks: time relative to JAX vmap + jit`, 'n Residual Lab', 'n JAX vmap + jit', 1),
    ...Object.entries(RESIDUAL).flatMap(([label, name]) => fastest(label, name)),
    ...(probes
      ? [
          target('1 network: time with frames relative to without', probeCost('1'), 1.05),
          target(`${n} networks: time with frames relative to without`, probeCost('n'), 1.05),
        ]
      : []),
    ...(starts
      ? [
          target(`${n} networks: seconds to the first frame`, starts.n.frame, 0.7),
          target(`five series of ${n / 5}: seconds to the end of the first step`, starts.five.step, 1.5),
        ]
      : []),
  ]
  const { file: _, ...step } = setup
  return {
    step,
    machine,
    unit: 'milliseconds per step',
    variants,
    starts,
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
  const all = [...results]
    .filter(([name, { losses }]) => name.startsWith(`${label} `) && losses.length > 0)
    .map(([, { losses }]) => losses)
  const [first] = all
  return Math.max(0, ...all.flatMap((losses) => losses.map((loss, i) => Math.abs(loss / first[i] - 1))))
}

export function table({ step, machine, variants, starts, targets, lossDifference, lossesAgree }) {
  const number = (value) => value.toPrecision(3).padStart(8)
  const width = 41
  const row = ([name, { median, low, high, minimum, steps }]) =>
    `${name
      .replace(/^n /, `${step.networks} `)
      .replace(/^(resnet|images28|images32) /, (_, label) => `${RESIDUAL[label]} `)
      .replace(/^five /, `5 x ${step.networks / 5} `)
      .padEnd(width)}${number(median)}  ${number(low)} ` +
    `to${number(high)}  ${number(minimum)}  ${String(steps).padStart(6)}`
  const mark = ({ name, value, limit, met }) =>
    `  ${met ? 'met   ' : 'MISSED'}  ${name}: ${value.toFixed(3)} (at most ${limit})`
  return `${[
    `One training step: ${step.blocks} blocks, width ${step.width}, batch ${step.batch}. Milliseconds.`,
    `${machine.processor}, ${machine.cores} cores; ${machine.device}; Node ${machine.node}`,
    Object.entries(machine.peers)
      .map(([peer, version]) => `${peer} ${version}`)
      .concat(machine.missing.map((peer) => `${peer} is not there, and is not measured`))
      .join('; '),
    '',
    `${''.padEnd(width)}  median   middle half of steps   minimum   steps`,
    ...Object.entries(variants).map(row),
    '',
    ...Object.entries(starts || {}).map(
      ([name, { frame, step: first }]) =>
        `${`start, ${name}`.replace(', n', `, ${step.networks}`).padEnd(width)}` +
        `${number(frame)} s to the first frame,${number(first)} s to the end of the first step`,
    ),
    '',
    ...targets.map(mark),
    `  ${lossesAgree ? 'agree ' : 'DIFFER'}  losses after three steps, relative difference at most ` +
      `${lossDifference.toExponential(1)}`,
  ].join('\n')}\n`
}
