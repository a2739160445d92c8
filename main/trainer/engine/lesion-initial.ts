import type { Backend } from '../backend'
import type { Experiment } from '../../../shared/settings/experiment'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { LesionOutcome, LesionSpread } from '../../../shared/lesion/results'
import { createProgram, type Compiled, type Program } from '../compile'
import type { LesionBlocks } from './lesion-series'
import { cosineBetween, cosineSpread } from './lesion-cosine'
import { forwardPlanned } from './planned-block'
import type { Tensor } from './tensor'
import type { Weights } from './weights'

/** Networks at initialisation: weights drawn block by block, every kind of block compiled once. */
export class InitialBlocks implements LesionBlocks<Tensor> {
  private readonly programs: Program[] = []
  private readonly steps = new Map<PlannedBlock, Compiled>()

  constructor(
    private readonly backend: Backend,
    private readonly experiment: Experiment,
    private readonly plan: PlannedBlock[],
    private readonly weights: Weights,
    readonly input: Tensor,
  ) {
    const { tf } = backend
    for (const block of new Set(plan)) {
      const program = createProgram(backend)
      this.programs.push(program)
      const step = ([h, ...flat]: Tensor[]) => [forwardPlanned(tf, block, h, flat).output]
      this.steps.set(block, program.define('forward through a block', step))
    }
  }

  through(h: Tensor, k: number): Tensor {
    const planned = this.plan[k - 1]
    const [next] = this.steps.get(planned)!([h, ...this.weights.block(planned, k)])
    this.weights.releaseTransient()
    return next
  }

  async compare(intact: Tensor, changed: Tensor): Promise<LesionOutcome> {
    return { cosine: await cosineSpread(this.backend.tf, intact, changed, this.experiment.batch) }
  }

  between(intact: Tensor): Promise<LesionSpread> {
    return cosineBetween(this.backend.tf, intact, this.experiment.batch)
  }

  dispose(): void {
    this.weights.releaseTransient()
    this.programs.forEach((program) => program.dispose())
  }
}
