/**
 * The views of the one experiment, in the order of their tabs, as people read of them: the page's tabs, keys and
 * routing read this table, and the host's menu. What a view is made of stands in renderer/views/registry.ts.
 */
export const TABS = [
  {
    id: 'signal',
    title: 'Signal',
    definition: 'How activations and gradients travel through the network, block by block.',
  },
  {
    id: 'block',
    title: 'Block',
    definition: 'Draw the residual block: as a graph, an outline or text, with theory while you edit.',
  },
  {
    id: 'network',
    title: 'Network',
    definition: 'Stem, stages and head: how many blocks of which width, and where the grid is halved.',
  },
  {
    id: 'order',
    title: 'Order',
    definition:
      'Orderings of the block side by side and ranked: which keeps the signal’s size, which learns.',
  },
  {
    id: 'paths',
    title: 'Paths',
    definition:
      'The unravelled network: every path from input to output, and what each adds to the derivative.',
  },
  {
    id: 'shatter',
    title: 'Shatter',
    definition:
      'How dy/dx changes along a line of inputs: shattered gradients, and the regions where a network is linear.',
  },
  {
    id: 'train',
    title: 'Train',
    definition:
      'How the networks learn: loss and error in training and test, and what happens block by block.',
  },
  {
    id: 'depth',
    title: 'Depth',
    definition:
      'Networks of several depths, residual next to plain: whether deeper ones are worse, in training too.',
  },
  {
    id: 'lesion',
    title: 'Lesions',
    definition: 'What a network loses when blocks are deleted, doubled or exchanged: residual next to plain.',
  },
  {
    id: 'runs',
    title: 'Runs',
    definition: 'Everything that was measured and trained: find it, open it, compare it, do it again.',
  },
  {
    id: 'sweep',
    title: 'Sweep',
    definition:
      'One or two settings over many values: curves, small multiples, and a map of stability beside theory.',
  },
  {
    id: 'data',
    title: 'Data',
    definition: 'What networks learn: samples looked at, classes, ranges, fetched sets and your own.',
  },
] as const

export type TabId = (typeof TABS)[number]['id']

export const TAB_IDS: readonly TabId[] = TABS.map(({ id }) => id)

/** The keys of the tabs, in their order: the row of digits and the two keys beside it. */
const TAB_KEYS = '1234567890-='

/** The key that shows the view, in the page and beside its item in the menu: "1" for the first, "0" for the tenth. */
export const tabKey = (id: TabId): string => TAB_KEYS[TAB_IDS.indexOf(id)]
