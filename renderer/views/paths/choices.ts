import { MOST_LISTED_BLOCKS } from '../../../shared/paths/terms'

/** The choices of the view of paths, each with the definition that it shows on hover and focus. */

export const TIMES = [
  { value: 'initial' as const, label: 'at initialisation', definition: 'Networks as they are drawn.' },
  {
    value: 'trained' as const,
    label: 'trained',
    definition:
      'One network of this block, depth and width, trained first as the Training fields on the left say ' +
      '(the data set behind a linear stem), next to itself at initialisation.',
  },
]

export const PAGES = [
  {
    value: 'unravelled' as const,
    label: 'Unravelled',
    definition: 'Two to six blocks drawn three ways, with every term of the derivative.',
  },
  {
    value: 'lengths' as const,
    label: 'By length',
    definition:
      'How many paths of each length, and how much of the gradient they carry; depth L is the experiment’s.',
  },
]

export const DEPTHS = [2, 3, 4, 5, 6].map((n) => ({
  value: String(n),
  label: String(n),
  definition: `${n} blocks: ${2 ** n} paths.`,
}))

export const LISTINGS = [
  {
    value: 'all' as const,
    label: 'All terms',
    definition: `Up to ${MOST_LISTED_BLOCKS} blocks; beyond, random paths stand for them.`,
  },
  {
    value: 'length' as const,
    label: 'Exact',
    definition: 'Grouped exactly by length, at any depth: no term is listed.',
  },
  {
    value: 'sample' as const,
    label: 'Sampled',
    definition: 'Random paths of each length, with standard errors.',
  },
]

export const FORMULAS = [
  {
    value: 'f1' as const,
    label: '∂y/∂f₁',
    definition: 'The derivative of the output with respect to what the first block adds.',
  },
  {
    value: 'x' as const,
    label: '∂y/∂x',
    definition: 'The derivative with respect to the input: one term for each path.',
  },
  {
    value: 'y' as const,
    label: 'y',
    definition:
      'The output written out. Its summands depend on each other: only the derivative is a sum over paths.',
  },
]
