/** The views of the one experiment, in the order of their tabs. App.svelte says which component shows each. */
export const TABS = [
  {
    id: 'signal',
    title: 'Signal',
    definition: 'How activations and gradients travel through the network, block by block.',
  },
] as const satisfies readonly { id: string; title: string; definition: string }[]

export type TabId = (typeof TABS)[number]['id']
