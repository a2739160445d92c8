import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: JSON.parse(process.env.RESIDUAL_LAB_MUTATION_TESTS ?? '[]'),
    // Tests of time and memory fail on a busy machine, and would kill mutants by chance.
    testNamePattern: /^(?!what reading costs)/,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
