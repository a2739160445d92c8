import { setPoint, summarisePoint } from '../../../shared/numerics/statistics'
import type { SignalEvent } from '../../../shared/protocol/protocol'
import type { BackwardPoint, SeriesResult } from '../../../shared/signal/results'
import type { Found } from './first-non-finite'
import { forwardPoint, gatherForward, nothingGathered, type Gathered } from './statistics'

/** What is known of a series' blocks so far, over the replicas measured so far. */
export class SignalRecord {
  private readonly forward: Gathered[]
  private readonly p: number[][]
  private readonly norms: number[][]
  private forwardFailure = Infinity
  private backwardFailure = 0

  constructor(
    readonly result: SeriesResult,
    private readonly series: number,
    private readonly replicas: number,
    private readonly emit: (event: SignalEvent) => void,
  ) {
    this.forward = result.q.mean.map(nothingGathered)
    this.p = result.p.mean.map(() => [])
    this.norms = result.weightGradientNorm2.mean.map(() => [])
  }

  /** @param values as `forwardStatistics` makes them; gives for each replica whether all activations are finite */
  addForward(k: number, values: Float32Array, replicas: number): boolean[] {
    const finite = gatherForward(this.forward[k], values, replicas)
    const point = forwardPoint(this.forward[k])
    for (const quantity of ['q', 'v', 'm'] as const) setPoint(this.result[quantity], k, point[quantity])
    this.emit({ type: 'forward', series: this.series, block: k, point })
    // Nothing will be added: thousands of replicas and blocks would fill the memory.
    if (this.forward[k].q.length === this.replicas) this.forward[k] = nothingGathered()
    return finite
  }

  addGradient(k: number, p: Float32Array): void {
    this.p[k].push(...p)
    setPoint(this.result.p, k, summarisePoint(this.p[k]))
  }

  addNorms(k: number, norms: Float32Array): void {
    this.norms[k - 1].push(...norms)
    setPoint(this.result.weightGradientNorm2, k - 1, summarisePoint(this.norms[k - 1]))
  }

  /** Everything known of the gradient at block k; null at k = 0: no weights. */
  emitBackward(k: number): void {
    const point: BackwardPoint = {
      p: summarisePoint(this.p[k]),
      weightGradientNorm2: k > 0 ? summarisePoint(this.norms[k - 1]) : null,
    }
    this.emit({ type: 'backward', series: this.series, block: k, point })
  }

  /** Says where the forward signal first stops being finite; once, unless a later part fails earlier. */
  async lookForward(k: number, replicas: number, find: () => Promise<Found>): Promise<void> {
    if (k === 0 || k >= this.forwardFailure || Number.isFinite(this.result.q.mean[k])) return
    this.forwardFailure = k
    this.tell(k, this.result.q.mean[k - 1], replicas, await find())
  }

  /** Says where the backward signal first stops being finite, from the top down. */
  async lookBackward(k: number, replicas: number, find: () => Promise<Found>): Promise<void> {
    if (k <= this.backwardFailure || Number.isFinite(this.result.p.mean[k - 1])) return
    this.backwardFailure = k
    this.tell(k, this.result.p.mean[k], replicas, await find())
  }

  private tell(block: number, before: number, replicas: number, found: Found): void {
    this.emit({ type: 'non-finite', series: this.series, block, before, replicas, ...found })
  }
}
