import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SECTIONS } from '../../../shared/settings/sections'
import { handleShortcut } from '../../../renderer/app/shortcuts'
import { Lab } from '../../../renderer/state/lab.svelte'
import { LesionRun } from '../../../renderer/state/lesion-run.svelte'
import { OrderState } from '../../../renderer/state/order-state.svelte'
import { TAB_IDS, tabKey } from '../../../shared/protocol/tabs'
import { VIEWS, VIEWS_IN_ORDER } from '../../../renderer/views/registry'

/** A page whose host takes every message and never answers. */
function page() {
  const posted: unknown[] = []
  const residualLab = { post: (message: unknown) => posted.push(message), subscribe: () => () => {} }
  const matchMedia = () => ({ matches: false, addEventListener: () => {} })
  vi.stubGlobal('window', { residualLab, setTimeout, matchMedia })
  vi.stubGlobal('HTMLElement', class {})
  vi.stubGlobal('requestAnimationFrame', () => 0)
  return posted as { body: { type: string } }[]
}

const press = (lab: Lab, key: string, onhelp = () => {}) => {
  const preventDefault = vi.fn()
  handleShortcut({ key, target: null, preventDefault } as unknown as KeyboardEvent, lab, onhelp)
  expect(preventDefault).toHaveBeenCalledOnce()
}
const control = () => ({ play: vi.fn<() => void>(), stop: vi.fn<() => void>() })

let posted: ReturnType<typeof page>
let lab: Lab
/** Of the host, beyond its name. */
const asked = () => posted.map(({ body }) => body.type).filter((type) => type !== 'hello')
beforeEach(() => {
  posted = page()
  lab = new Lab(VIEWS)
})
afterEach(() => vi.unstubAllGlobals())

describe('the keys', () => {
  it('are listed by ?, which is a letter where one writes', () => {
    const onhelp = vi.fn()
    press(lab, '?', onhelp)
    expect(onhelp).toHaveBeenCalledOnce()
    const field = Object.assign(new HTMLElement(), { closest: () => ({}) })
    handleShortcut({ key: '?', target: field } as unknown as KeyboardEvent, lab, onhelp)
    expect(onhelp).toHaveBeenCalledOnce()
  })
})

describe('the registry of views', () => {
  it('has every tab once, in the order of the tabs', () => {
    expect(VIEWS_IN_ORDER.map(({ id }) => id)).toEqual([...new Set(TAB_IDS)])
    expect(Object.keys(VIEWS).sort()).toEqual([...TAB_IDS].sort())
    expect(new Set(VIEWS_IN_ORDER.map(({ title }) => title)).size).toBe(TAB_IDS.length)
    expect(new Set(VIEWS_IN_ORDER.map(({ component }) => component)).size).toBe(TAB_IDS.length)
    for (const { definition } of VIEWS_IN_ORDER) expect(definition).toMatch(/\.$/)
  })

  it('has one view for each section of an experiment', () => {
    const sections = VIEWS_IN_ORDER.flatMap(({ section }) => section ?? [])
    // The description of the user's own data comes with the setting `data`, which the panel of settings edits.
    expect([...sections, 'ownData'].sort()).toEqual(SECTIONS.map(({ key }) => key).sort())
  })

  it('has each view’s state once in the lab', () => {
    for (const { state } of VIEWS_IN_ORDER) {
      if (!state) continue
      expect(lab.stateOf(state)).toBeInstanceOf(state)
      expect(lab.stateOf(state)).toBe(lab.stateOf(state))
    }
    expect(() => lab.stateOf(class Stranger {})).toThrow('No view has the state Stranger')
  })
})

describe('the run keys', () => {
  it('measure, pause, resume and stop the signal', () => {
    press(lab, ' ')
    expect(lab.run.status).toBe('measuring')
    press(lab, ' ')
    expect(lab.run.status).toBe('paused')
    press(lab, ' ')
    expect(lab.run.status).toBe('measuring')
    press(lab, 'Escape')
    expect(asked()).toEqual(['signal', ...Array<string>(3).fill('control')])
    expect(posted.at(-1)).toMatchObject({ body: { action: 'stop' } })
  })

  it('begin and stop the lesions', () => {
    lab.view.set('tab', 'lesion')
    press(lab, ' ')
    expect(lab.stateOf(LesionRun).isRequested).toBe(true)
    expect(asked()).toEqual(['lesion'])
    press(lab, 'Escape')
    expect(posted.at(-1)).toMatchObject({ body: { type: 'control', action: 'stop' } })
    expect(lab.run.status).toBe('idle')
  })

  it('begin and stop the orderings', () => {
    lab.view.set('tab', 'order')
    press(lab, ' ')
    expect(lab.stateOf(OrderState).isRunning).toBe(true)
    expect(asked()).toEqual(['signal'])
    press(lab, 'Escape')
    expect(posted.at(-1)).toMatchObject({ body: { type: 'control', action: 'stop' } })
    expect(lab.run.status).toBe('idle')
  })

  it('take the network to its signal, and measure it there', () => {
    lab.view.set('tab', 'network')
    press(lab, ' ')
    expect(lab.view.document.tab).toBe('signal')
  })

  it('show the views by their numbers', () => {
    expect(TAB_IDS.map(tabKey)).toEqual([...'1234567890-='].slice(0, TAB_IDS.length))
    for (const id of TAB_IDS) {
      press(lab, tabKey(id))
      expect(lab.view.document.tab).toBe(id)
    }
  })

  it('are what the menu’s Play does, too', () => {
    lab.view.set('tab', 'lesion')
    lab.command('play')
    expect(asked()).toEqual(['lesion'])
  })
})

describe('control that a component takes', () => {
  it('reaches the component until it is released', () => {
    lab.view.set('tab', 'paths')
    expect(lab.control).toBeNull()
    const taken = control()
    const release = lab.takeControl(taken)
    press(lab, ' ')
    press(lab, 'Escape')
    expect([taken.play.mock.calls.length, taken.stop.mock.calls.length]).toEqual([1, 1])
    expect(lab.run.status).toBe('idle')
    release()
    expect(lab.control).toBeNull()
  })

  it('is not lost to a late release of the view before', () => {
    lab.view.set('tab', 'paths')
    const release = lab.takeControl(control())
    lab.view.set('tab', 'shatter')
    const newer = control()
    lab.takeControl(newer)
    release()
    expect(lab.control).toBe(newer)
  })

  it('ends with the view even where it is released late', () => {
    lab.view.set('tab', 'block')
    const drawn = control()
    const release = lab.takeControl(drawn)
    lab.view.set('tab', 'lesion')
    press(lab, ' ')
    expect(drawn.play).not.toHaveBeenCalled()
    expect(lab.stateOf(LesionRun).isRequested).toBe(true)
    release()
    expect(lab.control).not.toBeNull()
  })
})
