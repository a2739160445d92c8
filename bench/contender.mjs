/** A process that is asked by lines of JSON, and answers each with one. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * Starts it and gives it what it is to prepare.
 * @returns its first answer, how to ask for more, and how to end it
 */
export async function contender(command, parameters, setup) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
  const child = spawn(command, parameters, { stdio: ['pipe', 'pipe', 'pipe'], env })
  let complaints = ''
  child.stderr.on('data', (text) => (complaints = (complaints + text).slice(-4000)))
  // One that has died is told by its output's end; the write that met its closed pipe adds nothing.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const request = async (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error(`${command} ${parameters.join(' ')} stopped:\n${complaints}`)
    return JSON.parse(value)
  }
  return { ...(await request(setup)), request, stop: () => child.kill() }
}
