import type { NodeBackend, NodeBinding, Tf } from './native'
import { reasons } from './refusal'
import type { Tape } from './tape'

const dataDependent = 'gives a shape that depends on values'
const refusedOperations: [RegExp, string][] = [
  [/^(Where|Unique|UniqueV2|NonMaxSuppression.*|DynamicPartition|Sparse.*|Ragged.*)$/, dataDependent],
  [
    /^(Random.*|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal|Stateless.*)$/,
    'draws random numbers',
  ],
  [
    /(Summary|File|Decode|Encode|String|Print|PyFunc|Queue|Iterator|Assert|VarHandle|Variable)/,
    'reaches outside the graph',
  ],
]

/** Puts the recorder between tfjs and its binding; gives the function that takes it out again. */
export function intercept(tf: Tf, backend: NodeBackend, tape: Tape): () => void {
  const binding = backend.binding
  const watched: Pick<NodeBinding, 'executeOp' | 'createTensor' | 'runSavedModel'> = {
    executeOp(op, attributes, inputIds, outputs) {
      const refused = refusedOperations.find(([pattern]) => pattern.test(op))
      if (refused) tape.refuse(reasons.operation(op, refused[1]))
      const results = binding.executeOp(op, attributes, inputIds, outputs)
      tape.sawOperation(op, attributes, inputIds, results)
      return results
    },
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values)
      tape.sawTensor(id, shape, dtype, values)
      return id
    },
    runSavedModel: () => tape.refuse(reasons.operation('runSavedModel', 'runs another graph')),
  }
  // The binding's own properties cannot be overwritten, so the recorder is an object that inherits all others.
  const recording: NodeBinding = Object.create(binding, Object.getOwnPropertyDescriptors(watched))

  const { getInputTensorIds, move, readSync } = backend
  backend.binding = recording
  backend.move = (dataId, ...rest) => {
    tape.made.add(dataId)
    move.call(backend, dataId, ...rest)
  }
  backend.readSync = (dataId) =>
    tape.mayRead > 0 ? readSync.call(backend, dataId) : tape.refuse(reasons.read)
  backend.getInputTensorIds = (tensors) => {
    // A tensor from outside that is still to be uploaded must not pass for one made inside the step.
    const late = tensors.filter(
      ({ dataId }) => dataId && !tape.made.has(dataId) && backend.tensorMap.get(dataId).values !== null,
    )
    if (late.length > 0) {
      backend.binding = binding
      getInputTensorIds.call(backend, late)
      backend.binding = recording
    }
    const ids = getInputTensorIds.call(backend, tensors)
    tensors.forEach(({ dataId }, index) => dataId && tape.sawInput(dataId, ids[index]!))
    return ids
  }

  // GatherV2 reads its indices, only to check them; in the graph TensorFlow checks them itself.
  const gather = tf.getKernel('GatherV2', 'tensorflow')!
  const { kernelFunc } = gather
  gather.kernelFunc = (parameters) => {
    tape.mayRead++
    try {
      return kernelFunc(parameters)
    } finally {
      tape.mayRead--
    }
  }

  // Every tfjs generator that was given no seed takes one from here.
  const { random } = Math
  Math.random = () => tape.refuse(reasons.random)

  return () => {
    Math.random = random
    gather.kernelFunc = kernelFunc
    backend.binding = binding
    // Own properties that hid the methods of the class.
    const own = backend as Partial<NodeBackend>
    delete own.move
    delete own.readSync
    delete own.getInputTensorIds
  }
}
