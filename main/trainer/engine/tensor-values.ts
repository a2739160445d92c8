import type { Experiment } from '../../../shared/settings/experiment'
import { Random } from '../../../shared/numerics/random'
import type { Stream } from '../../../shared/numerics/random-streams'
import type { Tensor, TfModule } from './tensor'

/**
 * A tensor's values on the host: the one place where the engine reads any. A GPU behind WebGPU gives them up later
 * only, so jobs are asynchronous; TensorFlow's own library gives them at once.
 */
export async function readValues(tensor: Tensor): Promise<Float32Array> {
  return (await tensor.data()) as Float32Array
}

/** A tensor's values on the host; the tensor is disposed, also where it cannot be read. */
export async function takeValues(tensor: Tensor): Promise<Float32Array> {
  try {
    return await readValues(tensor)
  } finally {
    tensor.dispose()
  }
}

/**
 * Standard normal values [R, B, N], every replica its own; on grids, `batch` counts samples × positions.
 * @param first the first of the replicas
 */
export function normalTensor(
  tf: TfModule,
  { replicas, batch, width, seed }: Pick<Experiment, 'replicas' | 'batch' | 'width' | 'seed'>,
  stream: Stream,
  first = 0,
): Tensor {
  const values = new Float32Array(replicas * batch * width)
  for (let replica = 0; replica < replicas; replica++) {
    const [from, to] = [replica * batch * width, (replica + 1) * batch * width]
    new Random(seed, stream, first + replica).fillNormal(values, 1, from, to)
  }
  return tf.tensor(values, [replicas, batch, width], 'float32')
}
