/** The workbench for a browser, as a user starts it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from './trainer.mjs'

/**
 * @param data folder that it keeps everything in
 * @returns its address, which opens it once, and how to end it
 */
export async function startHost(data) {
  const env = { ...process.env, RESIDUAL_LAB_DATA: data }
  const words = [join(root, 'bin', 'residual-lab.mjs'), 'serve', '--json']
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const url = await new Promise((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (text) => {
      output += text
      if (output.endsWith('\n')) resolve(JSON.parse(output).url)
    })
    child.on('error', reject)
    void ended.then((code) => reject(new Error(`residual-lab serve ended with exit code ${code}.`)))
  })
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
