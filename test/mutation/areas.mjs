/** The areas of mutation testing: what is changed, and the tests that judge it, few so that a run ends. */
export const AREAS = {
  remedies: {
    mutate: ['shared/block/remedies.ts'],
    tests: ['test/shared/block/remedies.test.ts', 'test/shared/graph/block-graph.test.ts'],
  },
  operations: {
    mutate: ['shared/operations/*.ts'],
    tests: ['test/shared/operations/*.test.ts'],
  },
  files: {
    mutate: [
      'shared/block/{file,draft-file,link}.ts',
      'shared/base/{json,document,check}.ts',
      'shared/experiment/*.ts',
    ],
    tests: [
      'test/shared/{base,experiment,graph}/*.test.ts',
      'test/shared/block/{file,draft-file,link}.test.ts',
      'test/shared/editor/{text,problems}.test.ts',
    ],
  },
  network: {
    mutate: ['shared/network/*.ts'],
    tests: ['test/shared/{network,experiment,graph}/*.test.ts'],
  },
  theory: {
    mutate: ['shared/{theory,moments}/*.ts'],
    // theory.test.ts and branches.test.ts sample whole networks for seconds: a score without them is a lower bound.
    tests: [
      'test/shared/moments/*.test.ts',
      'test/shared/operations/moments.test.ts',
      'test/shared/theory/{closed-form,grid,input,limit,remarks,trajectories,walk}.test.ts',
    ],
  },
  runs: {
    mutate: ['shared/runs/*.ts'],
    tests: ['test/shared/runs/*.test.ts'],
  },
  checkpoint: {
    mutate: ['main/trainer/engine/checkpoint/*.ts'],
    // resume.test.ts and look.test.ts train networks for seconds: a score without them is a lower bound.
    tests: ['test/engine/checkpoint/{checkpoint,safetensors,training-checkpoint,training-state}.test.ts'],
  },
  compile: {
    mutate: ['main/trainer/compile/*.ts'],
    tests: ['test/compile/{eager,graph,operations,refusals,variables}.test.ts'],
    // What a mutant does to TensorFlow.js, which is no module of ours, must not reach the next one.
    isFresh: true,
  },
}
