import { runtimeStatus } from '../../main/runtime'
import { loadBackend, type Backend } from '../../main/trainer/backend'
import { readMemoryOf } from '../../main/trainer/engine/machine-memory'
import { NODE_MEMORY } from '../../main/trainer/node-memory'

// Networks have to fit into this machine's memory, as in the trainer.
readMemoryOf(NODE_MEMORY)

/** The native backend where TensorFlow's library is installed (npm test installs it), else the plain one. */
export async function testBackend(): Promise<Backend> {
  const { library } = await runtimeStatus()
  return loadBackend({ library })
}

/** TensorFlow.js alone. */
export const plainBackend = (): Backend => loadBackend({ library: null })
