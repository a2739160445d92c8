/**
 * Whether this run judges a mutant (`npm run test:mutation`): thousands of short runs on a busy machine. What takes
 * long, or measures time and memory, is skipped then.
 */
export const judgesMutants = process.env.RESIDUAL_LAB_MUTATION_TESTS !== undefined

/** Of a long list of cases every n-th where a mutant is judged; all of them otherwise. */
export const everyNth = <T>(n: number, cases: T[]): T[] =>
  judgesMutants ? cases.filter((_, i) => i % n === 0) : cases
