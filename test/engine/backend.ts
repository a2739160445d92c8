import { runtimeStatus } from '../../main/runtime'
import { loadBackend, type Backend } from '../../main/trainer/backend'

/** The native backend where TensorFlow's library is installed (npm test installs it), else the plain one. */
export async function testBackend(): Promise<Backend> {
  const { library } = await runtimeStatus()
  return loadBackend({ library })
}
