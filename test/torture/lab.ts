import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { WebSocket } from 'ws'
import { decodeMessage, encodeMessage } from '../../shared/protocol/protocol'
import type { Message, Notice, RequestBody, Response } from '../../shared/protocol/protocol'
import { missingBuild } from '../e2e/bench'
import { startServer } from '../e2e/browser-host'

export { Random } from '../../shared/numerics/random'

/** Whether tests run whole (npm run test:torture) or in the short form of npm test. */
export const WHOLE = Boolean(process.env.TORTURE)

/** Why the real host and trainer cannot be looked at here; null: they can. */
export const missing =
  process.platform === 'linux' ? missingBuild() : 'processes are looked at through /proc, which Linux has'

export const temporaryFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-torture-'))
export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A reply or an error. */
export type Answer = Exclude<Response, { kind: 'event' }>
export type TrainerNotice = Extract<Notice, { type: 'trainer' }>

export interface Host {
  pid: number
  process: ChildProcess
  /** Joins as a tab does. */
  join(): Promise<FrontEnd>
  /** Of the trainer that runs now; null between two of them. */
  trainer(): number | null
  /** Ends it as a terminal does. */
  close(): Promise<void>
}

/** Starts the browser host as a user does, and enters once with its key. */
export async function startHost(data: string, env: NodeJS.ProcessEnv = {}): Promise<Host> {
  const { process: child, url, port } = await startServer(data, env)
  const origin = `http://127.0.0.1:${port}`
  const key = new URLSearchParams(new URL(url).hash.slice(1)).get('key')!
  const body = new URLSearchParams({ key })
  const entered = await fetch(`${origin}/session`, { method: 'POST', headers: { origin }, body })
  if (!entered.ok) throw new Error(`The key was refused: ${await entered.text()}`)
  const session = await entered.text()
  return {
    pid: child.pid!,
    process: child,
    join: () => joinAs(new WebSocket(`ws://127.0.0.1:${port}/lab`, ['residual-lab', session], { origin })),
    trainer: () => childrenOf(child.pid!)[0] ?? null,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** One tab, which counts what it is answered. */
export interface FrontEnd {
  socket: WebSocket
  /** How many replies and errors have come, by the id of the request. */
  answers: Map<string, number>
  /** What was asked for and has no answer yet. */
  open: Set<string>
  /** The trainer's last notice. */
  trainer: TrainerNotice | null
  /** Asks, and gives the id at once. A connection that ends takes its answers along: then the promise is never kept. */
  send(body: RequestBody): { id: string; answer: Promise<Answer> }
  ask(body: RequestBody, within?: number): Promise<Answer>
  untilTrainer(matches: (notice: TrainerNotice) => boolean, within?: number): Promise<TrainerNotice>
}

async function joinAs(socket: WebSocket): Promise<FrontEnd> {
  let lastId = 0
  const waiting = new Map<string, (answer: Answer) => void>()
  const watchers = new Set<() => void>()
  const tab: FrontEnd = {
    socket,
    answers: new Map(),
    open: new Set(),
    trainer: null,
    send(body) {
      const id = String(++lastId)
      tab.open.add(id)
      const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve))
      socket.send(encodeMessage({ kind: 'request', id, body }))
      return { id, answer }
    },
    ask: (body, within = 30_000) => inTime(tab.send(body).answer, within, `no answer to ${body.type}`),
    untilTrainer(matches, within = 60_000) {
      const seen = new Promise<TrainerNotice>((resolve) => {
        const look = () => {
          if (!tab.trainer || !matches(tab.trainer)) return
          watchers.delete(look)
          resolve(tab.trainer)
        }
        watchers.add(look)
        look()
      })
      return inTime(seen, within, 'the trainer did not get there')
    },
  }
  socket.on('message', (data) => {
    const message = decodeMessage(String(data)) as Message
    if (message.kind === 'notice') {
      if (message.type === 'trainer') tab.trainer = message
      return watchers.forEach((look) => look())
    }
    if (message.kind === 'event') return
    tab.answers.set(message.id, (tab.answers.get(message.id) ?? 0) + 1)
    tab.open.delete(message.id)
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  })
  socket.on('error', () => {})
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  void tab.send({ type: 'hello' })
  return tab
}

/** A whole run stands back behind everything else on its machine (nice), and waits longer before it calls it a hang. */
const PATIENCE = WHOLE ? 8 : 1

export function inTime<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = ms * PATIENCE
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`After ${limit / 1000} s: ${what}.`)), limit)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

export function childrenOf(pid: number): number[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** Whether a process runs; one that has ended and that nobody has asked after does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Resident memory of a process, in MiB. */
export function residentMemory(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

export const fileHandles = (pid: number) => fs.readdirSync(`/proc/${pid}/fd`).length

/** Processor time that a process has taken, in hundredths of a second. */
export function processorTime(pid: number): number {
  const line = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
