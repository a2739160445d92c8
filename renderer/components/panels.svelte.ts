/** The two panels beside the picture: what is set, and the detail of what is selected. */
export type PanelName = 'what' | 'detail'

/** Narrower windows (CSS pixels) have no room for settings beside a picture that takes most of them. */
export const ROOM_FOR_WHAT = 900
/** The detail beside the picture as well; below, it lies over the picture's edge. */
export const ROOM_FOR_DETAIL = 1180
/** From here on the detail is open unless it has been closed: the picture keeps two thirds of the window. */
const ROOM_FOR_ALL = 1560

/**
 * Whether each panel is open; one for the whole page, so that a panel that was closed stays closed in the next view.
 * Beside the picture while the window has room for both; as a sheet over it otherwise, where they begin closed and only
 * one is open at a time.
 */
class Panels {
  /** What the user chose; null follows the window. */
  #beside = $state<Record<PanelName, boolean | null>>({ what: null, detail: null })
  #sheet = $state<PanelName | null>(null)

  /** @param width the window's, in CSS pixels */
  isSheet(name: PanelName, width: number): boolean {
    return width < (name === 'what' ? ROOM_FOR_WHAT : ROOM_FOR_DETAIL)
  }

  isOpen(name: PanelName, width: number): boolean {
    if (this.isSheet(name, width)) return this.#sheet === name
    return this.#beside[name] ?? (name === 'what' || width >= ROOM_FOR_ALL)
  }

  set(name: PanelName, width: number, open: boolean): void {
    if (!this.isSheet(name, width)) this.#beside[name] = open
    else if (open) this.#sheet = name
    else if (this.#sheet === name) this.#sheet = null
  }
}

export const panels = new Panels()
