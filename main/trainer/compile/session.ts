/** A graph that TensorFlow has loaded: a session with the program's variables in it. */
import type { TensorMetadata, NodeBinding } from './native'

/** Loads a SavedModel into the binding; gives its number there. */
export type LoadGraph = (binding: NodeBinding, model: Uint8Array) => number

export class Session {
  private readonly id: number

  constructor(
    private readonly binding: NodeBinding,
    load: LoadGraph,
    model: Uint8Array,
  ) {
    this.id = load(binding, model)
  }

  /** `inputs` and `outputs` are comma-separated names, prepared once because this is called at every step. */
  run(inputIds: number[], inputs: string, outputs: string): TensorMetadata[] {
    return this.binding.runSavedModel(this.id, inputIds, inputs, outputs)
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.id)
  }
}
