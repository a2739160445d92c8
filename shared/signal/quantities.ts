import type { Quantity } from '../theory/series'

/** What each measured quantity is, in one line and as a formula; k is the block, i a unit, b a sample. */
export const QUANTITIES: Record<Quantity, { title: string; formula: string; definition: string }> = {
  q: {
    title: 'Forward: mean square q',
    formula: 'E[h²] over units and samples',
    definition: 'Mean square of the block’s output over units and samples.',
  },
  v: {
    title: 'Forward: batch variance v',
    formula: 'E over units of Var over samples',
    definition:
      'Population variance over the batch for each unit, averaged over units. ' +
      'It is smaller than q by the mean over units of squared means.',
  },
  m: {
    title: 'Forward: mean m',
    formula: 'E[h] over units and samples',
    definition: 'Mean of the block’s output over units and samples.',
  },
  p: {
    title: 'Backward: gradient p',
    formula: 'E[(∂loss/∂h)²], 1 at the top',
    definition:
      'Mean square of the gradient with respect to the block’s output, each network’s divided by its own at the top. ' +
      'An independent Gaussian gradient for each sample is fed in there.',
  },
}

/** What a chart of the forward signal can show, for a row of buttons. */
export const FORWARD_CHOICES = (['q', 'v', 'm'] as const).map((value) => ({
  value,
  label: value,
  definition: `${QUANTITIES[value].definition} ${QUANTITIES[value].formula}.`,
}))
