import { shortTitle } from '../../../shared/findings'

/** Titles that are too long for a chip. */
const CHIP_NAMES: Record<string, string> = {
  'bn-after-addition': 'BN after +',
  'relu-before-addition': 'ReLU before +',
  'relu-only-preactivation': 'ReLU pre-act',
  'full-preactivation': 'Full pre-act',
}

export const chipName = (block: string, title: string): string =>
  Object.hasOwn(CHIP_NAMES, block) ? CHIP_NAMES[block] : shortTitle(title)
