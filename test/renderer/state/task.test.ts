import { describe, expect, it, vi } from 'vitest'
import { RequestError } from '../../../renderer/base/connection'
import { Task, type Part, type TaskRun } from '../../../renderer/state/task.svelte'

/** A part that the test ends by hand. */
function part<T>() {
  let settle!: { resolve(value: T): void; reject(error: Error): void }
  const result = new Promise<T>((resolve, reject) => (settle = { resolve, reject }))
  const actions: string[] = []
  const own: Part<T> = {
    result,
    end: () => actions.push('end'),
    control: (action) => actions.push(action),
  }
  return { begin: () => own, actions, ...settle }
}

const done = (seconds = 1) => ({ finished: true, seconds })

describe('Task', () => {
  it('runs, and then answers its question', async () => {
    const task = new Task()
    const one = part<string>()
    let found = ''
    const settled = task.start('a', async (run) => {
      found = await run.part(one.begin)
      return done(3)
    })
    expect([task.status, task.asks('a'), task.answers('a')]).toEqual(['running', true, false])
    one.resolve('value')
    await settled
    expect([task.status, task.answers('a'), task.answers('b'), found]).toEqual(['idle', true, false, 'value'])
    expect(task.outcome).toEqual({ finished: true, seconds: 3 })
  })

  it('a newer run ends the older, begins after it, and the older finds nothing', async () => {
    const task = new Task()
    const [first, second] = [part<string>(), part<string>()]
    const found: string[] = []
    const work = (one: typeof first) => async (run: TaskRun) => void found.push(await run.part(one.begin))
    const older = task.start('a', work(first))
    const begin = vi.fn(work(second))
    const newer = task.start('b', begin)
    expect(first.actions).toEqual(['end'])
    expect(begin).not.toHaveBeenCalled()
    first.resolve('what it had found by then')
    await older
    expect(task.status).toBe('running')
    second.resolve('new')
    await newer
    expect(found).toEqual(['new'])
    expect([task.answers('a'), task.answers('b')]).toEqual([false, true])
  })

  it('of several runs that wait for the older only the newest begins', async () => {
    const task = new Task()
    const first = part<void>()
    const begun: string[] = []
    const work = (name: string) => () => (begun.push(name), Promise.resolve(done()))
    void task.start('a', (run) => run.part(first.begin))
    const others = ['b', 'c', 'd'].map((name) => task.start(name, work(name)))
    first.resolve()
    await Promise.all(others)
    expect(begun).toEqual(['d'])
  })

  it('a stop keeps what the part has found, and begins no other', async () => {
    const task = new Task()
    const [first, second] = [part<string>(), part<string>()]
    const begin = vi.fn(second.begin)
    const found: string[] = []
    const settled = task.start('a', async (run) => {
      found.push(await run.part(first.begin))
      found.push(await run.part(begin))
    })
    task.stop()
    first.resolve('half')
    await settled
    expect(found).toEqual(['half'])
    expect(begin).not.toHaveBeenCalled()
    expect([task.status, task.wasStopped, task.outcome?.finished, task.error]).toEqual([
      'idle',
      true,
      false,
      null,
    ])
  })

  it('stopped while it waits for an older run, it never begins', async () => {
    const task = new Task()
    const first = part<void>()
    const work = vi.fn(() => Promise.resolve(done()))
    void task.start('a', (run) => run.part(first.begin))
    const waiting = task.start('b', work)
    task.stop()
    first.resolve()
    await waiting
    expect(work).not.toHaveBeenCalled()
    expect(task.status).toBe('idle')
  })

  it('tells failed from interrupted, and the next run begins without either', async () => {
    const task = new Task()
    const fail = (error: Error) => task.start('a', () => Promise.reject(error))
    await fail(new Error('no memory'))
    expect([task.status, task.error?.message, task.answers('a')]).toEqual(['failed', 'no memory', false])
    await fail(new RequestError({ reason: 'interrupted', message: 'The trainer has ended.' }))
    expect(task.status).toBe('interrupted')
    await task.start('a', () => Promise.resolve(done()))
    expect([task.status, task.error, task.answers('a')]).toEqual(['idle', null, true])
  })

  it('the failure of an older run is not the newer one’s', async () => {
    const task = new Task()
    const [first, second] = [part<void>(), part<void>()]
    void task.start('a', (run) => run.part(first.begin))
    const newer = task.start('b', (run) => run.part(second.begin))
    first.reject(new Error('ended on the way'))
    second.resolve()
    await newer
    expect([task.status, task.error]).toEqual(['idle', null])
  })

  it('with patience an older run may finish its part, and what it finds counts until there is newer', async () => {
    vi.useFakeTimers()
    const task = new Task(300)
    const [first, second, third] = [part<string>(), part<string>(), part<string>()]
    const found: string[] = []
    const work = (one: typeof first) => async (run: TaskRun) => void found.push(await run.part(one.begin))
    const older = task.start('a', work(first))
    const newer = task.start('b', work(second))
    expect(first.actions).toEqual([])
    first.resolve('old')
    await older
    expect([found, task.answers('a'), task.status]).toEqual([['old'], true, 'running'])
    await vi.advanceTimersByTimeAsync(1000)
    expect(second.actions).toEqual([])
    const newest = task.start('c', work(third))
    await vi.advanceTimersByTimeAsync(301)
    expect(second.actions).toEqual(['end'])
    second.resolve('too late')
    third.resolve('new')
    await Promise.all([newer, newest])
    expect(found).toEqual(['old', 'new'])
    vi.useRealTimers()
  })

  it('hands pause, resume and step to the part under way', async () => {
    const task = new Task()
    const one = part<void>()
    const settled = task.start('a', (run) => run.part(one.begin))
    task.control('pause')
    task.control('step')
    one.resolve()
    await settled
    task.control('resume')
    expect(one.actions).toEqual(['pause', 'step'])
  })

  it('shows progress of the newest run only', async () => {
    const task = new Task()
    const [first, second] = [part<void>(), part<void>()]
    const runs: TaskRun[] = []
    const work = (one: typeof first) => (run: TaskRun) => (runs.push(run), run.part(one.begin))
    const report = (run: TaskRun, done: number) =>
      run.report({ type: 'progress', message: '', done, total: 2, rate: null, unit: '', secondsLeft: null })
    const older = task.start('a', work(first))
    report(runs[0], 1)
    expect(task.progress?.done).toBe(1)
    const newer = task.start('b', work(second))
    expect(task.progress).toBe(null)
    report(runs[0], 2)
    expect(task.progress).toBe(null)
    first.resolve()
    await older
    second.resolve()
    await newer
  })

  it('estimates the next run by the pace of the last that was finished', async () => {
    const task = new Task()
    expect(task.secondsFor(10)).toBe(null)
    await task.start('a', () => Promise.resolve(done(4)), 2)
    expect(task.secondsFor(10)).toBe(20)
    await task.start('b', () => Promise.resolve({ finished: false, seconds: 1 }), 100)
    expect(task.secondsFor(10)).toBe(20)
  })

  it('holds each kind of run against its like only', async () => {
    const task = new Task()
    await task.start('a', () => Promise.resolve(done(4)), { kind: 'signal', cost: 2 })
    await task.start('b', () => Promise.resolve(done(90)), { kind: 'train', cost: 3 })
    expect(task.secondsFor({ kind: 'signal', cost: 10 })).toBe(20)
    expect(task.secondsFor({ kind: 'train', cost: 10 })).toBe(300)
    expect(task.secondsFor(10)).toBe(null)
  })

  it('learns no pace from a run that was paused', async () => {
    const task = new Task()
    const one = part<void>()
    const settled = task.start('a', (run) => run.part(one.begin).then(() => done(600)), 2)
    await Promise.resolve()
    task.control('pause')
    task.control('resume')
    one.resolve()
    await settled
    expect(task.secondsFor(10)).toBe(null)
  })

  it('a question that was taken back may be asked again', async () => {
    const task = new Task()
    const one = part<void>()
    const settled = task.start('a', (run) => run.part(one.begin))
    task.cancel()
    expect([task.asks('a'), task.status, one.actions]).toEqual([false, 'idle', ['end']])
    one.resolve()
    await settled
    expect(task.answers('a')).toBe(false)
  })
})
