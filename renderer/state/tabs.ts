/** The views of the one experiment, in the order of their tabs; what each is stands in views/registry.ts. */
export const TAB_IDS = ['signal', 'block', 'network', 'order', 'paths', 'shatter', 'lesion'] as const

export type TabId = (typeof TAB_IDS)[number]
