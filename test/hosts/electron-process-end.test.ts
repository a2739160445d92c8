import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const electron = vi.hoisted(() => ({ app: null as unknown }))
vi.mock('electron', () => electron)

import { onProcessEnd } from '../../main/hosts/electron/process-end'

const app = new EventEmitter()
electron.app = app
const gone = (details: object) =>
  app.emit('child-process-gone', {}, { type: 'Utility', name: 'ours', ...details })

let child: EventEmitter
let codes: number[]
beforeEach(() => {
  vi.useFakeTimers()
  child = new EventEmitter()
  codes = []
  onProcessEnd(child as never, 'ours', (code) => codes.push(code))
})
afterEach(() => {
  vi.useRealTimers()
  expect(app.listenerCount('child-process-gone')).toBe(0)
})

test('a code other than 0 is told at once', () => {
  child.emit('exit', 9)
  expect(codes).toEqual([9])
})

test('a signal that was told as 0 is told as what the application hears of it', () => {
  child.emit('exit', 0)
  expect(codes).toEqual([])
  gone({ name: 'another', exitCode: 6 })
  gone({ type: 'GPU', exitCode: 11 })
  expect(codes).toEqual([])
  gone({ exitCode: 9 })
  expect(codes).toEqual([9])
  vi.runAllTimers()
  expect(codes).toEqual([9])
})

test('an exit with 0 is told as that, when nothing follows', () => {
  child.emit('exit', 0)
  vi.runAllTimers()
  expect(codes).toEqual([0])
})
