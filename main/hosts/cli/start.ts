/**
 * The command line as a program: where a command computes, the process that does is started before the rest of the
 * program is read, which takes as long as that process needs until it can be told what to do.
 */
import { startAhead } from '../lab/supervisor-node'

/** The commands that need the process at once; a test holds them against the table of all. */
export const COMPUTING: readonly string[] = ['signal', 'order', 'lesion', 'shatter', 'train', 'depth']

/** Options with which they do not: options are listed, or regions counted in a thread of this process. */
const WITHOUT = ['--help', '-h', '--regions']

/** Runs one command. @returns the exit code, as the command line's own `main` gives it */
export async function main(args: string[]): Promise<number> {
  if (COMPUTING.includes(args[0]) && !args.some((one) => WITHOUT.includes(one))) startAhead()
  const program = await import('./index')
  return program.main(args)
}

// Started by hand rather than by the launcher.
if (require.main === module) void main(process.argv.slice(2)).then((code) => (process.exitCode = code))
