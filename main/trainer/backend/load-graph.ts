import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeBinding } from './binding'

/** Loads a SavedModel, which the binding does from a folder only. @returns its number in the binding */
export function loadGraph(binding: NodeBinding, model: Uint8Array): number {
  // mkdtemp makes one that nobody else may enter.
  const folder = mkdtempSync(join(tmpdir(), 'compiled-'))
  try {
    writeFileSync(join(folder, 'saved_model.pb'), model)
    return binding.loadSavedModel(folder, 'serve')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
