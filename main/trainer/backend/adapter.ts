/** What WebGPU says of a GPU. */
export interface AdapterFacts {
  name: string
  /** "google", "nvidia"; empty where it is not told. */
  vendor: string
  /** "swiftshader", "ampere"; empty where it is not told. */
  architecture: string
  /** Computes on the CPU. */
  isSoftware: boolean
  /** Of what a backend can use: products in half precision, operations among threads, times of single calls. */
  features: string[]
  /** Bytes, and counts; networks that need more are refused. */
  limits: Record<(typeof LIMITS)[number], number>
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i

/** As much of these as the adapter has is what tfjs-backend-webgpu asks for itself. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const

const FEATURES = ['shader-f16', 'subgroups', 'timestamp-query']

export function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const { info, limits } = adapter
  const { vendor, architecture } = info
  const name = info.description || [vendor, architecture].filter(Boolean).join(' ') || '(unnamed)'
  return {
    name,
    vendor,
    architecture,
    isSoftware: isFallback(adapter) || SOFTWARE.test(`${name} ${architecture} ${info.device}`),
    features: FEATURES.filter((feature) => adapter.features.has(feature as GPUFeatureName)),
    limits: Object.fromEntries(LIMITS.map((name) => [name, limits[name]])) as AdapterFacts['limits'],
  }
}

/** Where the sign stands differs between versions of WebGPU. */
const isFallback = (adapter: GPUAdapter): boolean =>
  [adapter.info, adapter].some((one) => (one as { isFallbackAdapter?: boolean }).isFallbackAdapter)
