import { startsOutputAtZero } from '../block/remedies'
import { signalFinding, type FindingSeries, type Networks } from '../signal/findings'
import type { Quantity } from '../theory/series'
import { noGradientFinding } from '../train/findings'

/** Series that a figure's finding has room for. */
export const MOST_NAMED = 5

/**
 * What a quantity of the signal shows in networks that learn, after so many updates.
 * @param series theory is that of initialisation, and is held against nothing later
 */
export function stepFinding(
  series: readonly (FindingSeries & { name: string })[],
  quantity: Quantity,
  step: number,
  networks: Networks,
): string {
  if (step !== 0)
    return signalFinding(
      series.map((one) => ({ ...one, theory: null })),
      quantity,
      networks,
    )
  const without = quantity === 'p' ? series.filter(startsOutputAtZero) : []
  const others = series.filter((one) => !without.includes(one))
  const none = noGradientFinding(without.map(({ name }) => name))
  return [signalFinding(others, quantity, networks), none].filter(Boolean).join(' ')
}
