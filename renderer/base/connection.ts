import {
  decodeMessage,
  encodeMessage,
  isJob,
  type DeviceStatus,
  type ErrorDetail,
  type LabEvent,
  type Message,
  type Notice,
  type Replies,
  type Request,
  type RequestBody,
  type RequestType,
} from '../../shared/protocol/protocol'
import { isAccepted, otherTabs, session } from './session'

/** What Electron's preload script offers; messages are cloned, so numbers arrive as they are. */
interface Bridge {
  post(message: Request): void
  subscribe(listener: (message: Message) => void): () => void
}

declare global {
  interface Window {
    residualLab?: Bridge
  }
}

/** `refused`: another laboratory has begun at this address, which has not let this tab in. */
export type LinkState = 'connecting' | 'open' | 'lost' | 'refused'

/** Carries messages; says when the other side is there. */
interface Transport {
  post(message: Request): void
}

/** The host's answer that a request failed. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly reason: ErrorDetail['reason']

  constructor(detail: ErrorDetail) {
    super(detail.message)
    this.reason = detail.reason
  }
}

interface Pending {
  isJob: boolean
  resolve(value: Replies[RequestType]): void
  reject(error: RequestError): void
  onEvent?: (event: LabEvent) => void
}

export interface Job<T extends RequestType> {
  id: string
  reply: Promise<Replies[T]>
}

/** Requests with ids over whichever transport this page has. */
export class Connection {
  onState: (state: LinkState) => void = () => {}
  onNotice: (notice: Notice) => void = () => {}
  /** A job was asked for (its type), is so far (0 to 1; null: nobody knows), or has ended (null). */
  onJob: (id: string, job: { type: string } | { fraction: number | null } | null) => void = () => {}
  /** A job has begun on this device. */
  onDevice: (device: DeviceStatus) => void = () => {}

  /** Whether what jobs find is kept in the library of runs. */
  keepsRuns = true

  #transport: Transport
  #pending = new Map<string, Pending>()
  #lastId = 0

  constructor() {
    const receive = (message: Message) => this.#receive(message)
    this.#transport = window.residualLab
      ? bridgeTransport(window.residualLab, receive, (state) => this.onState(state))
      : socketTransport(receive, (state) => this.#stateChanged(state))
  }

  /** Sends a request; the id lets `control` requests name it. */
  start<T extends RequestType>(
    body: Extract<RequestBody, { type: T }>,
    onEvent?: (event: LabEvent) => void,
  ): Job<T> {
    const id = `r${++this.#lastId}`
    const reply = new Promise<Replies[T]>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject, onEvent, isJob: isJob(body) })
      if (isJob(body)) this.onJob(id, { type: body.type })
      this.#transport.post({ kind: 'request', id, body })
    })
    return { id, reply }
  }

  request<T extends RequestType>(
    body: Extract<RequestBody, { type: T }>,
    onEvent?: (event: LabEvent) => void,
  ): Promise<Replies[T]> {
    return this.start<T>(body, onEvent).reply
  }

  #stateChanged(state: LinkState) {
    // A host that went away took its jobs with it: whoever waits must hear so.
    if (state === 'lost' || state === 'refused') {
      const detail: ErrorDetail = {
        reason: 'interrupted',
        message: 'The connection to the laboratory was lost.',
      }
      const waiting = [...this.#pending.values()]
      for (const [id, { isJob }] of this.#pending) if (isJob) this.onJob(id, null)
      this.#pending.clear()
      waiting.forEach((pending) => pending.reject(new RequestError(detail)))
    }
    this.onState(state)
  }

  #receive(message: Message) {
    if (message.kind === 'notice') return this.onNotice(message)
    const pending = this.#pending.get(message.id)
    if (!pending) return
    if (message.kind === 'event') {
      if ('device' in message.event) this.onDevice(message.event.device)
      if (pending.isJob && message.event.type === 'progress') {
        const { done, total } = message.event
        this.onJob(message.id, { fraction: total > 0 ? Math.min(1, Math.max(0, done / total)) : null })
      }
      return pending.onEvent?.(message.event)
    }
    this.#pending.delete(message.id)
    if (pending.isJob) this.onJob(message.id, null)
    if (message.kind === 'reply') pending.resolve(message.value)
    else pending.reject(new RequestError(message.error))
  }
}

function bridgeTransport(
  bridge: Bridge,
  receive: (message: Message) => void,
  onState: (state: LinkState) => void,
): Transport {
  bridge.subscribe(receive)
  queueMicrotask(() => onState('open'))
  return { post: (message) => bridge.post(message) }
}

const SHORTEST_WAIT = 250
const LONGEST_WAIT = 8000

/**
 * WebSocket to the page's own origin; requests made before it is open wait, a lost one is opened again with growing
 * pauses. Where the host refuses this tab's session, other tabs are asked for one that holds.
 */
function socketTransport(
  receive: (message: Message) => void,
  onState: (state: LinkState) => void,
): Transport {
  let socket: WebSocket
  let wait = SHORTEST_WAIT
  let timer: ReturnType<typeof setTimeout> | undefined
  const queue: string[] = []
  const tabs = otherTabs(() => {
    clearTimeout(timer)
    open()
  })

  const open = () => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
    // Scripts cannot set headers of a web socket; the names of protocols are the one header that they choose.
    socket = new WebSocket(`${scheme}://${location.host}/lab`, ['residual-lab', session() ?? 'none'])
    let opened = false
    socket.onopen = () => {
      opened = true
      wait = SHORTEST_WAIT
      queue.splice(0).forEach((text) => socket.send(text))
      onState('open')
      tabs.share()
    }
    socket.onmessage = (event) => receive(decodeMessage(String(event.data)) as Message)
    const closed = socket
    socket.onclose = async () => {
      const refused = !opened && !(await isAccepted().catch(() => true))
      if (socket !== closed) return
      queue.length = 0
      onState(refused ? 'refused' : 'lost')
      if (refused) tabs.ask()
      timer = setTimeout(open, wait)
      wait = Math.min(2 * wait, LONGEST_WAIT)
    }
  }
  open()
  return {
    post(message) {
      const text = encodeMessage(message)
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
      else queue.push(text)
    },
  }
}
