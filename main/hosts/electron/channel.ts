/** The one channel between a page and the main process: requests one way, events, replies and notices the other. */
export const CHANNEL = 'residual-lab'
