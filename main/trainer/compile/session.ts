/** A graph that TensorFlow has loaded: a session with the program's variables in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TensorMetadata, NodeBinding } from './native'

export class Session {
  private readonly id: number

  constructor(
    private readonly binding: NodeBinding,
    model: Uint8Array,
  ) {
    // The binding loads from a folder only. mkdtemp makes one that nobody else may enter.
    const folder = mkdtempSync(join(tmpdir(), 'compiled-'))
    try {
      writeFileSync(join(folder, 'saved_model.pb'), model)
      this.id = binding.loadSavedModel(folder, 'serve')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  /** `inputs` and `outputs` are comma-separated names, prepared once because this is called at every step. */
  run(inputIds: number[], inputs: string, outputs: string): TensorMetadata[] {
    return this.binding.runSavedModel(this.id, inputIds, inputs, outputs)
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.id)
  }
}
