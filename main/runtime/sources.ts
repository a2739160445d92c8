/** The TensorFlow versions the lab gets by itself. Checksums are pinned: what does not match is not used. */
export const WHEEL_VERSION = '2.21.0'
/** Of CUDA, what the wheel for GPUs is built with. */
export const WHEEL_CUDA = '12.5.1'
export const OFFICIAL_VERSION = '2.9.1'

/** What the native binding's C interface needs, and what a library the user points at must satisfy. */
export const OLDEST = [2, 9] as const
export const MAJOR = 2

export interface Wheel {
  package: string
  version: string
  /** pip's platform tag. One Python version serves all: no Python code of the wheel is used. */
  tag: string
  file: string
  bytes: number
  /** Of what is taken out of it. */
  unpackedBytes: number
  sha256: string
}

/** Bytes of all of these, packed or as they are installed. */
export const sumOf = (wheels: readonly Wheel[], of: 'bytes' | 'unpackedBytes'): number =>
  wheels.reduce((total, wheel) => total + wheel[of], 0)

export interface Official {
  version: string
  /** Below the storage that @tensorflow/tfjs-node-gpu itself downloads from. */
  path: string
  sha256: string
  unpackedBytes: number
}

const wheel = (
  name: 'tensorflow' | 'tensorflow-cpu',
  tag: string,
  sha256: string,
  bytes: number,
  unpackedBytes: number,
): Wheel => ({
  package: name,
  version: WHEEL_VERSION,
  tag,
  file: `${name.replace('-', '_')}-${WHEEL_VERSION}-cp311-cp311-${tag}.whl`,
  bytes,
  unpackedBytes,
  sha256,
})

/** By platform-arch-device. */
export const WHEELS: Record<string, Wheel> = {
  'linux-x64-cpu': wheel(
    'tensorflow-cpu',
    'manylinux_2_27_x86_64',
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    273_829_956,
    853_308_936,
  ),
  'linux-x64-gpu': wheel(
    'tensorflow',
    'manylinux_2_27_x86_64',
    '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    572_440_367,
    1_259_021_080,
  ),
  'linux-arm64-cpu': wheel(
    'tensorflow',
    'manylinux_2_27_aarch64',
    '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    281_828_020,
    883_062_208,
  ),
  'darwin-arm64-cpu': wheel(
    'tensorflow',
    'macosx_12_0_arm64',
    '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    223_405_849,
    740_805_624,
  ),
}

/**
 * CPU builds only: the official GPU build of this version wants CUDA 11.2 and cuDNN 8.1, which its user would have to
 * install; for a GPU the wheel is got, with wheels of CUDA. The arm64 builds are 2.7: too old.
 */
export const OFFICIAL: Record<string, Official> = {
  'linux-x64': {
    version: OFFICIAL_VERSION,
    path: `tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-${OFFICIAL_VERSION}.tar.gz`,
    sha256: '7f510d2546e3db5e10b1d119463689003d587842892ad3c95bca51cf82820173',
    unpackedBytes: 420_000_000,
  },
  'darwin-x64': {
    version: OFFICIAL_VERSION,
    path: `tensorflow/libtensorflow/libtensorflow-cpu-darwin-x86_64-${OFFICIAL_VERSION}.tar.gz`,
    sha256: '56f83d3320ba0f69aaafd6c058645e1b7fbc75fb9a3fc36d6be98de1291ca226',
    unpackedBytes: 420_000_000,
  },
}
