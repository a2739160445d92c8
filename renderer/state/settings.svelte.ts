import { DEFAULT_HOST_SETTINGS, type HostSettings } from '../../shared/protocol/host-settings'
import type { MachineFacts } from '../../shared/protocol/protocol'
import type { Connection } from '../base/connection'

/** What the user has chosen for this machine, as the host keeps it. */
export class SettingsState {
  #now = $state.raw(DEFAULT_HOST_SETTINGS)
  #problem = $state<string | null>(null)
  #folder = $state<string | null>(null)
  #releases = $state<string | null>(null)
  #machine = $state.raw<MachineFacts | null>(null)

  constructor(private readonly connection: Connection) {}

  get now(): HostSettings {
    return this.#now
  }
  /** Why the saved ones are not followed, as sentences; null when all is well. */
  get problem(): string | null {
    return this.#problem
  }
  /** Where the host keeps what is the user's; null until it is known. */
  get folder(): string | null {
    return this.#folder
  }
  /** What is asked for a newer version; null: this build knows no address. */
  get releases(): string | null {
    return this.#releases
  }
  /** What they are measured by; null until it is known. */
  get machine(): MachineFacts | null {
    return this.#machine
  }

  async load(): Promise<void> {
    const { settings, problem, machine, folder, releases } = await this.connection.request<'settings.load'>({
      type: 'settings.load',
    })
    this.#now = settings
    this.#problem = problem
    this.#machine = machine
    this.#folder = folder
    this.#releases = releases
  }

  /**
   * @returns what is to be said of it, where more than the setting changes
   * @throws RequestError where it is not saved
   */
  async change(changes: Partial<HostSettings>): Promise<string | null> {
    const { settings, restart } = await this.connection.request<'settings.save'>({
      type: 'settings.save',
      changes,
    })
    this.#now = settings
    this.#problem = null
    if (restart === 'now') return 'The process that computes starts again with it. Nothing is lost.'
    return restart && 'The process that computes starts again with it when the run has ended.'
  }

  changedElsewhere(settings: HostSettings): void {
    this.#now = settings
  }
}
