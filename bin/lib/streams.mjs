/**
 * What becomes of a command whose output cannot be written. A reader that has seen enough (`… | head -1`) ends it
 * quietly and well; anything else (a full disk) with one line and exit code 1. What cannot be said on standard error
 * is not said.
 */
export function endWithOutput({ stdout, stderr, exit } = process) {
  stderr.on('error', () => {})
  stdout.on('error', (error) => {
    if (error.code === 'EPIPE') return exit(0)
    stderr.write(
      `The output could not be written (${error.message}). Free some space, or write it elsewhere.\n`,
    )
    exit(1)
  })
}
