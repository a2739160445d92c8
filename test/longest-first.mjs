import { BaseSequencer } from 'vitest/node'

/** Files of test/ that take minutes, without `.test.ts`. */
export const LONG = [
  'e2e/electron',
  'renderer/screenshots/screenshots',
  'engine/random-blocks',
  'e2e/browser',
  'e2e/electron-windows',
  'e2e/figure-cards',
  'torture/faults',
  'engine/remarks',
]

/** Those that take minutes before the others, which keep their order. */
export function longestFirst(files) {
  const place = ({ moduleId }) => LONG.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  const long = files.filter((file) => place(file) >= 0).sort((a, b) => place(a) - place(b))
  return [...long, ...files.filter((file) => place(file) < 0)]
}

/**
 * A fresh clone has no times of earlier runs, and sizes, which vitest goes by then, mislead: one of the shortest files
 * is among those that take the longest. One that begins last leaves the other workers idle for minutes.
 */
export class LongestFirst extends BaseSequencer {
  async sort(files) {
    return longestFirst(await super.sort(files))
  }
}
