import { jaxCode } from './jax/code'
import { kerasCode } from './keras/code'
import type { ExportedNetwork } from './network'
import { torchCode } from './pytorch/code'
import { tfjsCode } from './tfjs/code'

/** Who reads a network as code. */
export interface CodeFramework {
  name: string
  title: string
  /** The network as the text of a module. @throws InputError for what the framework lacks */
  write(network: ExportedNetwork): string
}

/** All frameworks as whose code networks are written. */
export const FRAMEWORKS: readonly CodeFramework[] = [
  { name: 'pytorch', title: 'PyTorch', write: torchCode },
  { name: 'keras', title: 'Keras 3', write: kerasCode },
  { name: 'jax', title: 'JAX', write: jaxCode },
  { name: 'tfjs', title: 'TensorFlow.js', write: tfjsCode },
]
