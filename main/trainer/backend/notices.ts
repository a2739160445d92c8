import type { Readable, Writable } from 'node:stream'

// TensorFlow and Dawn print these while they are being loaded, before any setting of a log level counts. They ask
// nothing of the user, and on a command line they would stand above every result.
const NOTICES = [
  /^WARNING: All log messages before absl::InitializeLog\(\)/,
  /^I0000 .* oneDNN custom operations are on\./,
  // The GPU build on a machine without a driver: what that means the lab says in a sentence.
  /^E0000 .* failed call to cuInit: /,
  // Dawn, where there is no Vulkan: with the place in its own sources, and an empty line.
  /^Warning: Couldn't load Vulkan: /,
  /^ {4}at .*\/dawn\/src\/.*\)$/,
]

export const isNotice = (line: string): boolean => NOTICES.some((notice) => notice.test(line))

/** Passes on what a trainer process prints, line by line, without what libraries print while they are loaded. */
export function passOnWithoutNotices(from: Readable, to: Pick<Writable, 'write'>): void {
  let rest = ''
  let wasNotice = false
  from.setEncoding('utf8')
  from.on('error', () => {})
  from.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      // An empty line after a notice is the notice's.
      const drops = isNotice(line) || (wasNotice && line === '')
      wasNotice = drops && line !== ''
      if (!drops) to.write(`${line}\n`)
    }
  })
  from.on('end', () => {
    if (rest && !isNotice(rest)) to.write(rest)
  })
}
