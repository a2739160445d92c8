import { isWebGpu, type DeviceChoice } from '../../../shared/protocol/host-settings'
import type { DeviceStatus } from '../../../shared/protocol/protocol'
import type { TensorFlowLibrary } from '../../runtime'
import { deviceName, firstDevice, inPlaceOfLibrary, nextDevice, type StandIn } from './next-device'

export type DeviceInUse = ReturnType<typeof createDeviceInUse>

/**
 * Which device computes, and why it is no better one: what is asked for, TensorFlow's library, and what was refused or
 * has failed since. It starts nothing: who has processes asks it what they are to compute on.
 * @param choice what the settings ask for
 */
export function createDeviceInUse(choice: DeviceChoice) {
  let asked = choice
  let library: TensorFlowLibrary | null = null
  /** Why it is no better one; empty where nothing is to be said. */
  let libraryNote = ''
  let failedLibrary: TensorFlowLibrary | null = null
  let standIn: StandIn | null = null
  /** Whether a process said that it computes on a GPU; null: none has said anything yet. */
  let saidGpu: boolean | null = null

  const device = () => standIn?.device ?? firstDevice(asked, library !== null)
  /** What its library was installed for counts until a process has said what it found. */
  const isOnGpu = () => library !== null && (saidGpu ?? library.device === 'gpu')

  /** In the order of what happened: without the library a GPU is looked for once that is known. */
  function notes(found: DeviceStatus | null): string {
    const why = standIn?.why ?? null
    if (library) return joined(why, libraryNote)
    const isUnasked = found?.backend === 'webgpu' && !isWebGpu(asked)
    return joined(libraryNote, why, isUnasked ? inPlaceOfLibrary() : null)
  }

  return {
    get choice(): DeviceChoice {
      return device()
    },

    /** "TensorFlow on the GPU". */
    get name(): string {
      return deviceName(device(), isOnGpu())
    },

    /** What computes where it does not; null: nothing that needs TensorFlow's library is left. */
    get next(): DeviceChoice | null {
      return nextDevice(device(), library !== null, isOnGpu())
    },

    /** Whether nothing is left to compute where it does not. */
    get isLast(): boolean {
      return library === null && !isWebGpu(device())
    },

    /** What is done while it is being started, in a sentence. */
    get beginning(): string {
      if (library) return `Loading TensorFlow ${library.version}.`
      return isWebGpu(device()) ? 'Looking for a GPU by WebGPU.' : 'Loading the plain backend.'
    },

    get library(): TensorFlowLibrary | null {
      return library
    },

    get libraryNote(): string {
      return libraryNote
    },

    /** The library that was given up, where another device stands in for it; null where there is none. */
    get failedLibrary(): TensorFlowLibrary | null {
      return failedLibrary
    },

    /** What computes in place of what is asked for; null: that does. */
    get standIn(): StandIn | null {
      return standIn
    },

    /**
     * From the beginning, with this library (null: without one). What was found of another is forgotten.
     * @param note why it is no better one @param instead what computes in place of what is asked for, where it is known
     */
    begin(with_: TensorFlowLibrary | null, note: string, instead: StandIn | null) {
      library = with_
      libraryNote = note
      failedLibrary = null
      standIn = instead
      saidGpu = null
    },

    /** Another is asked for, or the same once more: what has failed is tried again. */
    ask(choice: DeviceChoice) {
      asked = choice
      standIn = null
    },

    /** A process is ready on this; null: it does not say. */
    found(status: DeviceStatus | null) {
      saidGpu = status?.name.startsWith('GPU') ?? false
    },

    /** Another device computes from now on. @param why in sentences */
    replace(next: DeviceChoice, why: string) {
      standIn = { device: next, why: joined(standIn?.why ?? null, why) }
    },

    /** Nothing computes with this library. @param why in sentences; what was tried before is told before it */
    giveUpLibrary(why: string) {
      failedLibrary = library
      library = null
      libraryNote = joined(standIn?.why ?? null, why)
      standIn &&= { ...standIn, why: '' }
    },

    notes,

    /** What a process says of its device, which knows what that costs, with why it got no better one. */
    noted(status: DeviceStatus): DeviceStatus {
      const why = notes(status)
      return why ? { ...status, note: joined(why, status.note) } : status
    },
  }
}

/** Sentences in one text; what is empty or null is left out. */
export const joined = (...parts: (string | null)[]): string => parts.filter(Boolean).join(' ')
