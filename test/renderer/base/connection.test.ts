import { afterEach, describe, expect, it, vi } from 'vitest'
import { Connection, RequestError } from '../../../renderer/base/connection'
import type { Message, Notice, ProgressEvent, Request } from '../../../shared/protocol/protocol'

/** The bridge as Electron's preload script offers it. */
function bridge() {
  const sent: Request[] = []
  let receive: (message: Message) => void = () => {}
  vi.stubGlobal('window', {
    residualLab: {
      post: (message: Request) => sent.push(message),
      subscribe: (listener: typeof receive) => {
        receive = listener
        return () => {}
      },
    },
  })
  return { sent, receive: (message: Message) => receive(message) }
}

afterEach(() => vi.unstubAllGlobals())

describe('Connection', () => {
  it('matches replies to requests by id', async () => {
    const { sent, receive } = bridge()
    const nothing = { document: null, revision: null, undecided: false }
    const connection = new Connection()
    const first = connection.request<'workspace.load'>({ type: 'workspace.load' })
    const second = connection.request<'workspace.load'>({ type: 'workspace.load' })
    expect(sent[0].id).not.toBe(sent[1].id)
    receive({ kind: 'reply', id: sent[1].id, value: { ...nothing, problem: 'second' } })
    receive({ kind: 'reply', id: sent[0].id, value: { ...nothing, problem: 'first' } })
    expect([(await first).problem, (await second).problem]).toEqual(['first', 'second'])
  })

  it('passes events on until the reply, and none after it', async () => {
    const { sent, receive } = bridge()
    const seen: unknown[] = []
    const job = new Connection().start<'signal'>({ type: 'signal', experiment: {} }, (event) =>
      seen.push(event),
    )
    const event: ProgressEvent = {
      type: 'progress',
      message: 'measuring',
      done: 1,
      total: 2,
      rate: null,
      unit: 'blocks',
      secondsLeft: null,
    }
    expect(job.id).toBe(sent[0].id)
    receive({ kind: 'event', id: job.id, event })
    receive({ kind: 'reply', id: job.id, value: { finished: true, series: [], seconds: 1 } })
    receive({ kind: 'event', id: job.id, event })
    await job.reply
    expect(seen).toEqual([event])
  })

  it('turns error replies into errors with their reason', async () => {
    const { sent, receive } = bridge()
    const reply = new Connection().request<'signal'>({ type: 'signal', experiment: {} })
    receive({
      kind: 'error',
      id: sent[0].id,
      error: { reason: 'interrupted', message: 'The trainer has ended.' },
    })
    const error = await reply.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ reason: 'interrupted', message: 'The trainer has ended.' })
  })

  it('hands notices on', () => {
    const { receive } = bridge()
    const notices: Notice[] = []
    new Connection().onNotice = (notice) => notices.push(notice)
    receive({ kind: 'notice', type: 'menu', command: 'undo' })
    expect(notices).toEqual([{ kind: 'notice', type: 'menu', command: 'undo' }])
  })
})

describe('Connection over a WebSocket', () => {
  class FakeSocket {
    static readonly OPEN = 1
    static last: FakeSocket
    readyState = 0
    sent: string[] = []
    onopen = () => {}
    onclose = () => {}
    onmessage = (_event: { data: string }) => {}
    constructor(
      readonly url: string,
      readonly protocols: string[],
    ) {
      FakeSocket.last = this
    }
    send(text: string) {
      this.sent.push(text)
    }
  }

  it('keeps requests until the socket is open, and fails those that wait when it closes', async () => {
    vi.useFakeTimers()
    vi.stubGlobal('window', {})
    vi.stubGlobal('location', { protocol: 'http:', host: '127.0.0.1:4000' })
    vi.stubGlobal('WebSocket', FakeSocket)
    vi.stubGlobal('sessionStorage', { getItem: () => 'mine' })
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        postMessage() {}
      },
    )
    const states: string[] = []
    const connection = new Connection()
    connection.onState = (state) => states.push(state)
    const first = FakeSocket.last
    expect(first.url).toBe('ws://127.0.0.1:4000/lab')
    expect(first.protocols).toEqual(['residual-lab', 'mine'])

    const reply = connection.request<'hello'>({ type: 'hello' }).catch((error: RequestError) => error.reason)
    expect(first.sent).toEqual([])
    first.readyState = FakeSocket.OPEN
    first.onopen()
    expect(first.sent).toHaveLength(1)

    first.onclose()
    expect(await reply).toBe('interrupted')
    expect(states).toEqual(['open', 'lost'])
    vi.advanceTimersByTime(250)
    expect(FakeSocket.last).not.toBe(first)
    vi.useRealTimers()
  })
})
