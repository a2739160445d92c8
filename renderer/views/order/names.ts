import { orderingTitle } from '../../../shared/order/set'

/** Titles that are too long for a chip. */
const CHIP_NAMES: Record<string, string> = {
  'relu-after-addition': 'ReLU after +',
  'bn-after-addition': 'BN after +',
  'relu-before-addition': 'ReLU before +',
  'relu-only-preactivation': 'ReLU pre-act',
  'full-preactivation': 'Full pre-act',
}

export function chipName(block: string, title: string): string {
  const name = block.replace(/-conv(-1d)?$/, '')
  return Object.hasOwn(CHIP_NAMES, name) ? CHIP_NAMES[name] : orderingTitle(title)
}
