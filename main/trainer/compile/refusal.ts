/** A step that cannot be compiled, with the reason in words for the person who wrote it. */
export class Refusal extends Error {
  override name = 'Refusal'
  constructor(
    readonly step: string,
    reason: string,
  ) {
    super(`step "${step}" ${reason}`)
  }
}

export const reasons = {
  read: "reads a tensor's value (dataSync, data, array or print): return the tensor and read it after the step",
  random:
    'draws random numbers without a seed: they would be the same at every run; pass them in, or give a seed',
  asynchronous: 'is asynchronous: a step returns its tensors at once',
  notTensors: 'must return an array of tensors',
  variables: 'makes new variables at every call: make them once, outside',
  operation: (op: string, why: string) => `uses the operation ${op}, which ${why}`,
  unnamed: 'is not known well enough to be compiled by XLA',
  text: (op: string) => `uses text (operation ${op}): a compiled step computes with numbers only`,
  captured: (shape: number[], bytes: number, limit: number) =>
    `uses a tensor from outside, of shape [${shape}] and ${bytes} bytes: ` +
    `pass it in as an input (constants may have ${limit} bytes)`,
  constants: (bytes: number, limit: number) =>
    `holds constants of ${bytes} bytes, more than ${limit}: pass them in as inputs`,
  unknown: (op: string) => `uses the operation ${op} on a tensor that was made out of the recorder's sight`,
  disposed: (name: string) => `uses the variable "${name}", which has been disposed`,
  disposedInput: (index: number) => `got an input that has been disposed (input ${index})`,
  inputCount: (got: number, wanted: number) => `got ${got} inputs, but ${wanted} when it was first called`,
  inputKind: (index: number, got: string, wanted: string) =>
    `got ${got} as input ${index}, but ${wanted} when it was first called`,
  disposedStep: 'has been disposed',
}
