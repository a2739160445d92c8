import type { ThemeChoice } from './view-settings.svelte'

/** The theme in force: the user's choice, or the system's while that is "system". */
export class Theme {
  #system = $state(false)

  constructor(private readonly choice: () => ThemeChoice) {
    const systemPrefersDark = window.matchMedia('(prefers-color-scheme: dark)')
    this.#system = systemPrefersDark.matches
    systemPrefersDark.addEventListener('change', (event) => (this.#system = event.matches))
  }

  get isDark(): boolean {
    const choice = this.choice()
    return choice === 'system' ? this.#system : choice === 'dark'
  }
}
