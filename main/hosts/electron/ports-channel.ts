/** The channel by which the page that computes gets its ports, and nothing else. */
export const PORTS = 'residual-lab trainer ports'
