/**
 * While compiled steps run, the variables' values live in the session, and the tf.Variables must never show
 * old ones. So a variable that a step wrote gets data whose id is fetched from the session when somebody
 * first asks for it: reading or using the variable, cloning it, saving it all work as ever, and cost nothing
 * until they happen. And a variable that somebody assigned has other data than the session gave it, which is
 * how the program notices that it must be sent in.
 */
import type { DataId, DataInfo, NodeBackend, Tf, Variable } from './native'

export class Lease {
  /** The data that stands for the session's value; null before the session has one. */
  private dataId: DataId | null = null
  private info: DataInfo | null = null
  /** Whether the data's id still has to be fetched. */
  pending = false

  constructor(readonly variable: Variable) {}

  /** The session's value and the variable's are the same. */
  get current(): boolean {
    return this.dataId === this.variable.dataId
  }

  /** The session's value has a holder besides the variable (a clone), which must keep it when the variable moves on. */
  get shared(): boolean {
    return this.pending && this.info!.refCount > 1
  }

  /** The variable was sent to the session as it is. */
  sent(): void {
    this.dataId = this.variable.dataId
    this.pending = false
  }

  /** The session has a newer value; `fetch` gets it (and calls `fetched` of every pending lease). */
  moved(tf: Tf, backend: NodeBackend, fetch: () => void): void {
    if (this.pending && this.current) return
    const { shape, dtype } = this.variable
    const dataId: DataId = {}
    const info: DataInfo = {
      shape,
      dtype: backend.tensorMap.get(this.variable.dataId).dtype,
      values: null,
      id: -1,
      refCount: 1,
    }
    backend.tensorMap.set(dataId, info)
    const value = tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype })
    this.variable.assign(value)
    value.dispose()
    this.dataId = dataId
    this.info = info
    this.pending = true
    const get = (): number => {
      fetch()
      return info.id
    }
    Object.defineProperty(info, 'id', { get, configurable: true, enumerable: true })
  }

  fetched(id: number): void {
    Object.defineProperty(this.info!, 'id', {
      value: id,
      writable: true,
      configurable: true,
      enumerable: true,
    })
    this.pending = false
  }
}
