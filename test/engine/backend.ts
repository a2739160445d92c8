import { runtimeStatus } from '../../main/runtime'
import { loadBackend, type Backend } from '../../main/trainer/backend'
import { readMemoryOf } from '../../main/trainer/engine/machine-memory'
import { NODE_MEMORY } from '../../main/trainer/node-memory'

/**
 * The native backend where TensorFlow's library is installed (npm test installs it), else the plain one; networks have
 * to fit into this machine's memory, as in the trainer.
 */
export async function testBackend(): Promise<Backend> {
  readMemoryOf(NODE_MEMORY)
  const { library } = await runtimeStatus()
  return loadBackend({ library })
}
