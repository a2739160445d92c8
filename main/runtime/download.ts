import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as http from 'node:http'
import * as https from 'node:https'
import { abortError, throwIfAborted } from './types'

const CONNECT_MS = 6000
const STALL_MS = 30_000

/** Fewer and longer reads take half the time. */
const READ_BYTES = 2 ** 20

/** The hash of a file's contents, in hexadecimal. @param options.onBytes told how many bytes have been read */
export async function sha256(
  file: string,
  options: { signal?: AbortSignal; onBytes?: (done: number) => void } = {},
): Promise<string> {
  const hash = createHash('sha256')
  let done = 0
  for await (const chunk of fs.createReadStream(file, { highWaterMark: READ_BYTES })) {
    throwIfAborted(options.signal)
    hash.update(chunk as Buffer)
    done += (chunk as Buffer).length
    options.onBytes?.(done)
  }
  return hash.digest('hex')
}

interface Asked {
  headers: http.OutgoingHttpHeaders
  signal: AbortSignal | undefined
  redirects?: number
}

interface Answer {
  response: http.IncomingMessage
  status: number
  /** Where it came from in the end. */
  url: string
}

/**
 * Asks by GET and follows redirects; what then answers is taken by `take`, which settles the promise. Node's own
 * modules rather than fetch, which the oldest Electron's Node does not have.
 */
function ask<T>(
  url: string,
  { headers, signal, redirects = 5 }: Asked,
  take: (answer: Answer, resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  const { get } = url.startsWith('http:') ? http : https
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError())
    const request = get(url, { headers, signal }, (response) => {
      request.setTimeout(STALL_MS)
      const status = response.statusCode ?? 0
      const location = response.headers.location
      if (status >= 300 && status < 400 && location && redirects > 0) {
        response.resume()
        return resolve(ask(new URL(location, url).href, { headers, signal, redirects: redirects - 1 }, take))
      }
      take({ response, status, url }, resolve, reject)
    })
    request.setTimeout(CONNECT_MS, () => request.destroy(new Error('no answer')))
    request.on('error', (error) => reject(signal?.aborted ? abortError() : error))
  })
}

interface DownloadOptions {
  signal?: AbortSignal
  onBytes?: (done: number, total: number) => void
  /** How large the whole file is; another size is an error before anything is written. */
  bytes?: number
}

/** Downloads to `target`, going on where an earlier attempt stopped if the server allows. */
export function download(url: string, target: string, options: DownloadOptions = {}): Promise<void> {
  const { signal, onBytes, bytes } = options
  const have = fs.existsSync(target) ? fs.statSync(target).size : 0
  const headers = have > 0 ? { range: `bytes=${have}-` } : {}
  return ask<void>(url, { headers, signal }, ({ response, status }, resolve, reject) => {
    if (status === 416 && have > 0) {
      response.resume()
      return resolve() // nothing left to send: complete, or wrong, as the checksum will tell
    }
    if (status !== 200 && status !== 206) {
      response.resume()
      return reject(new Error(`the server answered ${status}`))
    }
    let done = status === 206 ? have : 0
    const total = done + Number(response.headers['content-length'] ?? 0)
    if (bytes !== undefined && response.headers['content-length'] && total !== bytes) {
      response.resume()
      return reject(new Error(`the server has ${total} bytes instead of ${bytes}`))
    }
    const sink = fs.createWriteStream(target, { flags: status === 206 ? 'a' : 'w' })
    let broken: Error | null = null
    response.on('data', (chunk: Buffer) => {
      done += chunk.length
      onBytes?.(done, total)
    })
    // What came before the break is written out, for the next attempt to go on from.
    const breakOff = (error: Error) => {
      broken ??= signal?.aborted ? abortError() : error
      response.unpipe(sink)
      sink.end()
    }
    response.on('error', breakOff)
    response.on('aborted', () => breakOff(new Error('the connection broke off')))
    sink.on('error', reject)
    sink.on('close', () => (broken ? reject(broken) : resolve()))
    response.pipe(sink)
  })
}

/**
 * A page of text, with the address that it came from in the end.
 * @throws Error where there is none, or one of more than `most` bytes
 */
export function fetchText(
  url: string,
  { signal, accept, most }: { signal?: AbortSignal; accept: string; most: number },
): Promise<{ text: string; url: string }> {
  return ask(url, { headers: { accept }, signal }, (answer, resolve, reject) => {
    const { response, status } = answer
    if (status !== 200) {
      response.resume()
      return reject(new Error(`the server answered ${status}`))
    }
    const chunks: Buffer[] = []
    let size = 0
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if ((size += chunk.length) <= most) return
      reject(new Error('the page is too large'))
      response.destroy()
    })
    response.on('error', reject)
    response.on('end', () => resolve({ text: Buffer.concat(chunks).toString(), url: answer.url }))
  })
}
