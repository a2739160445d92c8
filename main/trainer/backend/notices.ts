import type { Readable, Writable } from 'node:stream'

// TensorFlow prints these while it is being loaded, before any setting of its log level counts. They ask nothing of the
// user, and on a command line they would stand above every result.
const NOTICES = [
  /^WARNING: All log messages before absl::InitializeLog\(\)/,
  /^I0000 .* oneDNN custom operations are on\./,
  // The GPU build on a machine without a driver: what that means the lab says in a sentence.
  /^E0000 .* failed call to cuInit: /,
]

export const isNotice = (line: string): boolean => NOTICES.some((notice) => notice.test(line))

/** Passes on what a trainer process prints, line by line, without TensorFlow's load-time notices. */
export function passOnWithoutNotices(from: Readable, to: Pick<Writable, 'write'>): void {
  let rest = ''
  from.setEncoding('utf8')
  from.on('error', () => {})
  from.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (!isNotice(line)) to.write(`${line}\n`)
  })
  from.on('end', () => {
    if (rest && !isNotice(rest)) to.write(rest)
  })
}
