import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

// A vitest reporter, because vitest's own JSON leaves out why a test was skipped: context.skip('the reason').
export default class Tally {
  onTestRunEnd(modules, unhandled) {
    const tally = {
      files: modules.length,
      passed: 0,
      failed: 0,
      skipped: [],
      broken: [],
      unfinished: [],
      unhandled: unhandled.length,
    }
    for (const file of modules) {
      const name = file.relativeModuleId ?? file.moduleId
      let failures = 0
      let open = 0
      for (const test of file.children.allTests()) {
        const { state, note } = test.result()
        if (state === 'passed') tally.passed++
        else if (state === 'failed') failures++
        else if (state === 'pending') open++
        else tally.skipped.push({ name: `${name}: ${test.fullName}`, reason: note ?? 'no reason given' })
      }
      tally.failed += failures
      // Nobody skipped what has no result, and it is no success: its process ended, before it had any tests or later.
      if (open > 0 || file.state() === 'pending' || file.state() === 'queued') {
        tally.failed += Math.max(1, open)
        tally.unfinished.push({ file: name, tests: open })
      }
      // A file that cannot be loaded, or whose set-up fails, has no failed test, and is no success either.
      if (file.state() === 'failed' && failures === 0) {
        tally.failed++
        tally.broken.push(name)
      }
    }
    const target = process.env.RESIDUAL_LAB_TALLY
    if (!target) return
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, JSON.stringify(tally, null, 2))
  }
}
