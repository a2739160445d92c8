/** How the command line is called in a checkout, which has all of it. */
export const PROGRAM = 'npx residual-lab'
