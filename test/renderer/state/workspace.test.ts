import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../../../renderer/base/connection'
import { Workspace } from '../../../renderer/state/workspace.svelte'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A workspace over a host that answers what the test says. */
function open(loaded: Record<string, unknown> = {}) {
  const sent: Record<string, unknown>[] = []
  const words: string[] = []
  const shown: unknown[] = []
  const answers: Record<string, unknown> = {
    'workspace.load': {
      document: { experiment: 1 },
      revision: 'r1',
      problem: null,
      undecided: false,
      ...loaded,
    },
    'workspace.save': { revision: 'r2', kept: null },
    'workspace.keep': { path: '/kept' },
  }
  const connection = {
    request: (body: { type: string }) => {
      sent.push(body)
      const answer = answers[body.type]
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  } as unknown as Connection
  const workspace = new Workspace(connection, {
    read: () => ({ experiment: 'mine', view: 'view', file: null }),
    show: (document) => shown.push(document),
    announce: (text) => words.push(text),
  })
  const saves = () => sent.filter(({ type }) => type === 'workspace.save')
  return { workspace, answers, sent, saves, words, shown }
}

const wait = () => vi.advanceTimersByTimeAsync(1000)
const mine = { version: 1, experiment: 'mine', view: 'view', file: null }

test('nothing is saved before it is loaded; changes that follow each other are one save on its revision', async () => {
  const { workspace, saves, shown } = open()
  workspace.changed()
  await wait()
  expect(saves()).toEqual([])
  await workspace.load()
  expect(shown).toEqual([{ experiment: 1 }])
  workspace.changed()
  workspace.changed()
  await wait()
  workspace.changed()
  void workspace.saveNow()
  await wait()
  expect(saves().map(({ base }) => base)).toEqual(['r1', 'r2'])
  expect(saves()[0]).toEqual({ type: 'workspace.save', document: mine, base: 'r1' })
})

test('what another has saved is not replaced: the user is asked, and this one goes on', async () => {
  const { workspace, answers, saves, words } = open()
  await workspace.load()
  answers['workspace.save'] = { revision: null, kept: null }
  workspace.changed()
  await wait()
  expect(workspace.undecided).toEqual({ kind: 'changed' })
  workspace.changed()
  await wait()
  expect(saves()).toHaveLength(1)
  answers['workspace.save'] = { revision: 'r3', kept: '/other' }
  await workspace.keepThis()
  expect(saves()[1]).toEqual({ type: 'workspace.save', document: mine, base: undefined })
  expect(words).toEqual(['Saved. The other workspace is kept as /other.'])
  expect(workspace.undecided).toBeNull()
  workspace.changed()
  await wait()
  expect(saves()[2].base).toBe('r3')
})

test('or the other one is shown, and what was here is kept first', async () => {
  const { workspace, sent, shown, words } = open()
  await workspace.load()
  workspace.changedElsewhere('r1')
  expect(workspace.undecided).toBeNull()
  workspace.changedElsewhere('r9')
  expect(workspace.undecided).toEqual({ kind: 'changed' })
  await workspace.showOther()
  expect(sent.map(({ type }) => type)).toEqual(['workspace.load', 'workspace.keep', 'workspace.load'])
  expect(shown).toHaveLength(2)
  expect(words).toEqual(['This is the other window’s workspace. Yours is kept as /kept.'])
  expect(workspace.undecided).toBeNull()
})

test('where what is here cannot be kept, the other one is not shown over it', async () => {
  const { workspace, answers, shown, words } = open()
  await workspace.load()
  workspace.changedElsewhere('r9')
  answers['workspace.keep'] = new Error('The disk is full.')
  await workspace.showOther()
  expect(shown).toHaveLength(1)
  expect(words).toEqual(['The other workspace could not be shown: The disk is full.'])
  expect(workspace.undecided).toEqual({ kind: 'changed' })
})

test('a workspace that cannot be shown whole is not saved over before the user says so', async () => {
  const loaded = { document: null, revision: null, problem: 'A newer one wrote it.', undecided: true }
  const { workspace, saves, shown } = open(loaded)
  await workspace.load()
  expect(workspace.undecided).toEqual({ kind: 'unreadable', problem: 'A newer one wrote it.' })
  expect(shown).toEqual([])
  workspace.changed()
  void workspace.saveNow()
  await wait()
  expect(saves()).toEqual([])
  await workspace.keepThis()
  expect(saves()).toHaveLength(1)
})

test('a workspace that cannot be read keeps nobody out, and failing to save is said', async () => {
  const { workspace, answers, words } = open()
  answers['workspace.load'] = new Error('No host.')
  await workspace.load()
  expect(workspace.loaded).toBe(true)
  answers['workspace.save'] = new Error('The disk is full.')
  workspace.changed()
  await wait()
  expect(words).toEqual([
    'The saved workspace could not be opened: No host.',
    'The workspace could not be saved: The disk is full.',
  ])
})

test('whoever goes on changing things is saved all the same', async () => {
  const { workspace, saves } = open()
  await workspace.load()
  for (let i = 0; i < 50; i++) {
    workspace.changed()
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(saves()).toHaveLength(2)
})

test('saving at once is over when the host has answered, and does nothing where nothing has changed', async () => {
  const { workspace, saves } = open()
  await workspace.load()
  await workspace.saveNow()
  expect(saves()).toEqual([])
  workspace.changed()
  await workspace.saveNow()
  expect(saves()).toHaveLength(1)
  await wait()
  expect(saves()).toHaveLength(1)
})
