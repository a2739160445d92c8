import { TestRunner } from 'vitest'

/** What TestRunner keeps to itself. */
interface Inner {
  workerState: { evaluatedModules: EvaluatedModules }
}
interface EvaluatedModules {
  idToModuleMap: Map<string, { id: string }>
  invalidateModule(node: { id: string }): void
}

/**
 * Evaluates the project's modules anew for each run of a thread that lasts: no mutant leaves anything behind in what
 * they keep.
 */
export default class FreshModules extends TestRunner {
  #isFresh = false

  override importFile(filepath: string, source: 'collect' | 'setup') {
    if (!this.#isFresh) {
      this.#isFresh = true
      const { evaluatedModules } = (this as unknown as Inner).workerState
      for (const node of evaluatedModules.idToModuleMap.values())
        if (!node.id.includes('/node_modules/')) evaluatedModules.invalidateModule(node)
    }
    return super.importFile(filepath, source)
  }
}
