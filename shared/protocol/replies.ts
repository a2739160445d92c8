/** What the host answers by itself: the workspace, settings, files, the user's blocks, TensorFlow's library. */
import type { BlockGraph } from '../graph/block-graph'
import type { ProgressEvent } from './events'
import type { DeviceChoice, HostSettings } from './host-settings'

export interface RuntimeReply {
  library: { path: string; version: string; source: string; device: string } | null
  problem: string | null
  hint: string | null
  cacheFolder: string
  offer: InstallOffer
  gpu: GpuOffer
  /** How far an installation is that is under way; null: none is. */
  installing: ProgressEvent | null
}

/** What getting TensorFlow's library would mean on this machine. */
export interface InstallOffer {
  /** In the order in which they are tried. */
  sources: OfferedSource[]
  /** The file that an installation without network reads; null where there is none for this machine. */
  file: string | null
  /** Bytes free where it would go; null: not known. */
  freeBytes: number | null
  /** Why nothing can be installed, and what to do; null where it can. */
  problem: string | null
}

/** What getting TensorFlow for an NVIDIA GPU would mean on this machine. */
export interface GpuOffer {
  /** TensorFlow's GPU build, then CUDA's parts; all are got. */
  parts: OfferedSource[]
  /** Bytes of all, and of these what is still to come. */
  downloadBytes: number
  toComeBytes: number
  diskBytes: number
  /** The driver's version; null: there is none. */
  driver: string | null
  gpus: Gpu[]
  /** Why it is not offered, and what to do: the driver, the card or the platform; null where it is. */
  problem: string | null
}

/** An NVIDIA GPU, as its driver lists it. */
export interface Gpu {
  index: number
  uuid: string
  name: string
  /** Bytes; null where nothing tells them. */
  memoryBytes: number | null
  freeBytes: number | null
  /** NVIDIA's compute capability, e.g. 8.9; null where nothing tells it. */
  capability: number | null
}

/** One source of the library. */
export interface OfferedSource {
  /** "tensorflow-cpu 2.21.0, the Python wheel". */
  name: string
  /** Bytes; null: only its server knows. */
  downloadBytes: number | null
  /** Bytes when it is installed. */
  diskBytes: number
}

export interface LoadedWorkspace {
  document: Record<string, unknown> | null
  /** What this saved text is told from others by; null where nothing is loaded. */
  revision: string | null
  /** What the user must know, as a sentence. */
  problem: string | null
  /** A workspace is there that this program cannot show: nothing is saved over it until the user decides. */
  undecided: boolean
}

export interface SavedWorkspace {
  /** The saved text's; null: it was not saved, since another one has been saved in between. */
  revision: string | null
  /** The file in which the replaced one is kept, where it was not the base. */
  kept: string | null
}

export interface LoadedSettings {
  settings: HostSettings
  /** Why the saved ones are not followed, as sentences; null where all is well. */
  problem: string | null
  machine: MachineFacts
  folder: string
  /** What is asked for a newer version; null: this build knows no address. */
  releases: string | null
}

export interface LicenceText {
  /** null: there is none. */
  text: string | null
  /** The file that it was read from; null: it was put together. */
  from: string | null
  /** Why there is none, and how it is made, as sentences. */
  problem: string | null
}

/** What settings are measured by. */
export interface MachineFacts {
  cores: number
  /** Bytes; `of`: whose they are. */
  memory: { bytes: number; free: number; of: 'machine' | 'container' }
  /** Why there is no GPU to compute on, as a sentence; null where there is one. */
  noGpu: string | null
  /** NVIDIA's; none where there is no driver. */
  gpus: Gpu[]
  /** What the program was started with and decides in place of the setting; null where nothing does. */
  deviceFrom: DeviceChoice | null
  /** What decides on the GPU in place of the setting: "CUDA_VISIBLE_DEVICES=1"; null where nothing does. */
  gpuFrom: string | null
  /** What decides on the threads in place of the setting: "TF_NUM_INTRAOP_THREADS=1"; null where nothing does. */
  threadsFrom: string | null
}

export interface SavedSettings {
  settings: HostSettings
  /** When the process that computes starts again with them; null: it need not. */
  restart: 'now' | 'after the run' | null
}

/** A file that the user has opened; its text is to be checked. */
export interface OpenedFile {
  path: string
  text: string
  /** What the page calls it by. */
  id: string
}

export type FileKind = 'experiment' | 'block'

/** A file that was opened or saved. */
export interface RecentFile {
  id: string
  name: string
  /** Where it lies, as people write it. */
  folder: string
  kind: FileKind
  /** When it was last opened or saved, in ISO 8601. */
  used: string
  /** It is not there now. */
  isMissing: boolean
}

/** A block of the user's library. */
export interface SavedBlock {
  id: string
  /** When, in ISO 8601. */
  saved: string
  block: BlockGraph
}

/** The user's library of blocks. */
export interface SavedBlocks {
  /** The newest first. */
  blocks: SavedBlock[]
  /** Files that could not be read, and why. */
  problems: string[]
}
