/** What `npm run test:fast` leaves out, and why; `npm test` runs all. */
export const LEFT_OUT = [
  {
    files: 'test/{backend,cluster,compile,engine,cli,e2e,electron,interop,packages}/**',
    why: "TensorFlow's library, PyTorch, the build, Chromium or Electron",
  },
  { files: 'test/renderer/{layout.test.ts,screenshots/**}', why: 'Chromium' },
  { files: 'test/architecture/**', why: 'the linter, which npm run lint runs' },
  {
    files: 'test/runtime/{real,launcher,install,verify,signals}.test.ts',
    why: 'installations, in real and in play',
  },
  { files: 'test/torture/**', why: 'processes that are killed at every call' },
  { files: 'test/{bin/tally,hosts/{dev,supervisor}}.test.ts', why: 'processes that start and end' },
  { files: 'test/shared/editor/properties.test.ts', why: 'random edits by the hundred' },
  { files: 'test/shared/paths/{paths,links}.test.ts', why: 'every path of random blocks' },
  { files: 'test/shared/theory/theory.test.ts', why: 'theory of every preset, remedy and input' },
]
