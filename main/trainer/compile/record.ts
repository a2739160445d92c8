/**
 * Records one eager run of a step. tfjs-node sends every kernel through two calls of its binding, executeOp
 * and createTensor, with TensorFlow's own operation names and attributes. So running the step once with a
 * binding that also writes down what passes through it gives the step's graph: forward, gradients and update
 * alike. The run is a real one: its results are the first call's.
 */
import { intercept } from './intercept'
import { alias, liveVariables, type DataId, type NodeBackend, type Tensor, type Tf } from './native'
import type { Recording } from './recording'
import { Refusal, reasons } from './refusal'
import { Tape } from './tape'

let active = false

/** True while a step is being recorded on this thread: a compiled step called inside another is simply a part of it. */
export function isRecording(): boolean {
  return active
}

/**
 * Runs a step once as it is written, and records it.
 * @param given the step's inputs
 * @returns the outputs, which are the caller's, and the recording
 * @throws Refusal for a step that cannot be recorded rightly
 */
export function record(
  tf: Tf,
  backend: NodeBackend,
  step: string,
  run: (inputs: Tensor[]) => Tensor[],
  given: Tensor[],
): { outputs: Tensor[]; recording: Recording } {
  separateVariables(tf, backend)
  const inputs = given.map((tensor) => alias(backend, tensor))
  const before = new Map(liveVariables(tf).map((variable) => [variable.dataId as DataId, variable]))
  const tape = new Tape(backend, step, inputs, before)
  const restore = intercept(tf, backend, tape)
  active = true
  let outputs: Tensor[] = []
  try {
    outputs = tf.tidy(() => checkOutputs(step, run(inputs)).map((tensor) => alias(backend, tensor)))
    if (tape.refusal) throw tape.refusal
    const recording = tape.finish(outputs, before, liveVariables(tf))
    return { outputs, recording }
  } catch (error) {
    outputs.forEach((tensor) => tensor.dispose())
    throw tape.refusal ?? error
  } finally {
    active = false
    restore()
    inputs.forEach((tensor) => tensor.dispose())
  }
}

/** What a step returned, if it is an array of tensors. @throws Refusal */
export function checkOutputs(step: string, result: unknown): Tensor[] {
  if (result instanceof Promise) {
    result.catch(() => undefined)
    throw new Refusal(step, reasons.asynchronous)
  }
  const isTensor = (item: unknown): boolean => typeof item === 'object' && item !== null && 'dataId' in item
  if (!Array.isArray(result) || !result.every(isTensor)) throw new Refusal(step, reasons.notTensors)
  return result as Tensor[]
}

/**
 * The recorder tells tensors apart by their data. Two variables made from one tensor, or a variable and the
 * tensor it was made from, share their data until one is assigned: give such variables data of their own, or
 * a later run would take one for the other.
 */
function separateVariables(tf: Tf, backend: NodeBackend): void {
  for (const variable of liveVariables(tf)) {
    if (!backend.tensorMap.has(variable.dataId) || backend.tensorMap.get(variable.dataId).refCount < 2)
      continue
    const copy = alias(backend, variable)
    variable.assign(copy)
    copy.dispose()
  }
}
