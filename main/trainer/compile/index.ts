/**
 * tf.function for TensorFlow.js. A step, written in plain TensorFlow.js as a function from tensors to tensors
 * that may also read and assign tf.Variables, is recorded at its first call and afterwards runs as one
 * TensorFlow graph on the native backend; elsewhere it runs as written. The results are the same up to
 * rounding (mostly to the last bit; test/compile tells where not).
 *
 *   const program = createProgram(backend)
 *   const train = program.define('train', ([x, y, rate]) => {
 *     …
 *     weights.assign(weights.sub(gradient.mul(rate)))
 *     return [loss]
 *   })
 *   const [loss] = train([x, y, rate])
 *
 * What holds for a recorded step: everything that changes from run to run is an input or a variable
 * (JavaScript values are as they were when it was recorded); nothing is read inside it. Where that cannot be
 * kept, the call throws a Refusal that names the step and the reason. The first call of a step with inputs of
 * some shapes runs as written; the second builds the program's graph (about 0.1 s for 20 residual blocks with
 * their gradients, far more than in proportion for 1000), and again when a step has got another recording since. So
 * call each step of a program once before running them in earnest. If a run fails half-way (an index out of
 * range, out of memory), variables may have been assigned or not.
 *
 * tf.Variables always show their true values, wherever these live (see leases.ts), so saving, restoring and
 * looking at them need nothing special.
 */
import { createProgram, type CompileBackend, type Compiled, type Step } from './program'

export type { Runner } from './graph'
export { createProgram, type CompileBackend, type Compiled, type Program, type Step } from './program'
export { reluGradient, sumOfSquares } from './operations'
export { Refusal } from './refusal'

/** A program of one step. Steps that share variables are faster in one program; they are right in any case. */
export function compile(
  backend: CompileBackend,
  step: Step,
  name = step.name || 'step',
): Compiled & { dispose(): void } {
  const program = createProgram(backend)
  return Object.assign(program.define(name, step), { dispose: () => program.dispose() })
}
