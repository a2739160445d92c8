import { messageOf } from '../../shared/base/errors'

const INFO_TIME = 5000
/** To read it, decide and reach the button. */
const ACTION_TIME = 10_000
/** Milliseconds a letter. */
const READING_TIME = 90

export interface Announcement {
  kind: 'info' | 'error'
  text: string
  /** What can be done about it: "Undo". */
  action?: { label: string; act: () => void }
}

/** What the page says of what has just happened: one thing at a time. */
export class Announcements {
  #now = $state.raw<Announcement | null>(null)

  get now(): Announcement | null {
    return this.#now
  }

  announce(text: string, kind: Announcement['kind'] = 'info', action?: Announcement['action']): void {
    const announcement = { text, kind, action }
    this.#now = announcement
    // Good news goes by itself, when it has been read.
    const time = Math.max(action ? ACTION_TIME : INFO_TIME, READING_TIME * text.length)
    if (kind === 'info') setTimeout(() => this.#now === announcement && this.dismiss(), time)
  }

  /** What is wrong with the workspace may have been said just now: that stays, and this follows it. */
  announceToo(text: string, kind: Announcement['kind']): void {
    const before = this.#now?.kind === 'error' ? `${this.#now.text} ` : ''
    this.announce(`${before}${text}`, before ? 'error' : kind)
  }

  dismiss(): void {
    this.#now = null
  }

  /** @returns null where it failed, which has been announced */
  async attempt<T>(action: () => Promise<T>): Promise<T | null> {
    try {
      return await action()
    } catch (error) {
      this.announce(messageOf(error), 'error')
      return null
    }
  }
}
