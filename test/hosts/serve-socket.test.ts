import { expect, test } from 'vitest'
import { socketSender } from '../../main/hosts/browser/socket'
import type { Message } from '../../shared/protocol/protocol'

/** A page that reads as slowly as it is told. */
function outlet() {
  const sent: string[] = []
  let drained = () => {}
  return {
    sent,
    bufferedAmount: 0,
    terminated: false,
    send(text: string, done: () => void) {
      sent.push(text)
      drained = done
    },
    terminate() {
      this.terminated = true
    },
    drain() {
      this.bufferedAmount = 0
      drained()
    },
  }
}

const progress = (id: string, done: number) =>
  ({ kind: 'event', id, event: { type: 'progress', done } }) as unknown as Message
const forward = (id: string, block: number) =>
  ({ kind: 'event', id, event: { type: 'forward', block } }) as unknown as Message
const reply = (id: string): Message => ({ kind: 'reply', id, value: null })
const short = (text: string) => {
  const { kind, id, event } = JSON.parse(text)
  return [kind, id, event?.type, event?.done ?? event?.block].filter((part) => part !== undefined).join(' ')
}

test('a slow page gets only the newest progress, and every number and reply', () => {
  const page = outlet()
  const send = socketSender(page)
  send(progress('a', 1))
  page.bufferedAmount = 5 * 2 ** 20
  send(progress('a', 2))
  send(forward('b', 7))
  send(progress('a', 3))
  expect(page.sent.map(short)).toEqual(['event a progress 1', 'event b forward 7'])
  page.drain()
  expect(page.sent.map(short)).toEqual(['event a progress 1', 'event b forward 7', 'event a progress 3'])
})

test('what was held back of a request comes before its reply', () => {
  const page = outlet()
  const send = socketSender(page)
  page.bufferedAmount = 5 * 2 ** 20
  send(progress('a', 1))
  send(progress('b', 1))
  send(reply('a'))
  expect(page.sent.map(short)).toEqual(['event a progress 1', 'reply a'])
})

test('a page that does not read at all is let go', () => {
  const page = outlet()
  page.bufferedAmount = 65 * 2 ** 20
  socketSender(page)(reply('a'))
  expect(page.terminated).toBe(true)
  expect(page.sent).toEqual([])
})
