/**
 * Compiled steps over shared variables: one session holds the variables and the graphs of all steps defined
 * in the program.
 */
import { savedModel, type Runner } from './graph'
import { Lease } from './leases'
import {
  nativeBackend,
  type NodeBackend,
  type NodeBinding,
  type Tensor,
  type Tf,
  type Variable,
} from './native'
import { checkOutputs, isRecording, record } from './record'
import type { Recording } from './recording'
import { Refusal, reasons } from './refusal'
import { Session, type LoadGraph } from './session'

export type Step = (inputs: Tensor[]) => Tensor[]

export interface Compiled {
  /** Runs the step. The outputs are the caller's to dispose; nothing else stays behind. */
  (inputs: Tensor[]): Tensor[]
  /** How the step runs: as one TensorFlow graph, or operation by operation. */
  readonly mode: 'graph' | 'eager'
  /** How often the step has been recorded: once for each set of input shapes. */
  readonly traces: number
}

export interface CompileBackend {
  tf: Tf
  /** Null: steps run operation by operation. */
  loadGraph: LoadGraph | null
}

export interface Program {
  /** A step by its name (which refusals and errors carry). The same variables may be used by any number of steps. */
  define(name: string, step: Step): Compiled
  /** Releases the graphs. Variables keep their values and are the caller's still. */
  dispose(): void
}

/** Recordings kept of one step; the one used longest ago goes first. */
const tracesKept = 16

/** @param runner of recorded operations; where steps run as written, it counts for nothing */
export function createProgram(backend: CompileBackend, runner: Runner = 'kernels'): Program {
  if (isRecording()) throw new Error('compile: programs are made outside of steps')
  const { tf, loadGraph } = backend
  return loadGraph ? new GraphProgram(tf, loadGraph, runner) : new EagerProgram(tf)
}

class EagerProgram implements Program {
  private disposed = false

  constructor(private readonly tf: Tf) {}

  define(name: string, step: Step): Compiled {
    const run = (inputs: Tensor[]): Tensor[] => {
      if (this.disposed) throw new Refusal(name, reasons.disposedStep)
      // Clones, so that outputs can be disposed whatever the step returned: an input, a variable, the same
      // tensor twice.
      return this.tf.tidy(() => checkOutputs(name, step(inputs)).map((tensor) => tensor.clone()))
    }
    return Object.assign(run, { mode: 'eager' as const, traces: 0 })
  }

  dispose(): void {
    this.disposed = true
  }
}

interface Trace {
  id: number
  recording: Recording
  inputNames: string
  outputNames: string
}

class GraphProgram implements Program {
  private readonly backend: NodeBackend
  private readonly binding: NodeBinding
  private readonly leases = new Map<Variable, Lease>()
  private readonly steps: GraphStep[] = []
  private session: Session | null = null
  private nextTrace = 0
  disposed = false

  constructor(
    readonly tf: Tf,
    private readonly loadGraph: LoadGraph,
    private readonly runner: Runner,
  ) {
    this.backend = nativeBackend(tf)
    this.binding = this.backend.binding
  }

  define(name: string, step: Step): Compiled {
    const compiled = new GraphStep(this, name, step)
    this.steps.push(compiled)
    const call = (inputs: Tensor[]): Tensor[] => compiled.call(inputs)
    Object.defineProperty(call, 'traces', { get: () => compiled.traces })
    return Object.assign(call, { mode: 'graph' as const }) as Compiled
  }

  dispose(): void {
    if (this.disposed) return
    this.disposed = true
    this.closeSession()
    this.leases.clear()
    this.steps.length = 0
  }

  /** Runs the step eagerly, under the recorder. */
  trace(
    name: string,
    step: Step,
    inputs: Tensor[],
  ): { outputs: Tensor[]; trace: Trace; madeVariables: boolean } {
    const { outputs, recording } = record(this.tf, this.backend, name, step, inputs)
    const id = this.nextTrace++
    const outputNames =
      recording.outputs.length > 0
        ? recording.outputs.map((_, index) => `t${id}/out${index}:0`)
        : [`t${id}/done:0`]
    const inputNames = recording.inputs.map((input) => `t${id}/${input.name}:0`)
    return {
      outputs,
      madeVariables: recording.madeVariables,
      trace: { id, recording, inputNames: inputNames.join(), outputNames: outputNames.join() },
    }
  }

  /**
   * The graph no longer holds what the steps need; the next run builds another. The variables take their
   * values with them.
   */
  closeSession(): void {
    if (!this.session) return
    this.fetch()
    this.session.dispose()
    this.session = null
  }

  /** Captured constants and variables that a trace stands on may be gone. */
  usable({ recording }: Trace): 'yes' | 'stale' | Variable {
    for (const { variable } of [...recording.reads, ...recording.writes])
      if (this.gone(variable)) return variable
    return recording.captured.every((dataId) => this.backend.tensorMap.has(dataId)) ? 'yes' : 'stale'
  }

  run(trace: Trace, inputs: Tensor[]): Tensor[] {
    const { recording } = trace
    // A variable of another step may have been disposed: the graph must do without it.
    if ([...this.leases.keys()].some((variable) => this.gone(variable))) this.closeSession()
    const session = this.session ?? this.openSession()
    this.send()
    const written = recording.writes.map(({ variable }) => this.leases.get(variable)!)
    if (written.some((lease) => lease.shared)) this.fetch()
    const results = session.run(this.backend.getInputTensorIds(inputs), trace.inputNames, trace.outputNames)
    for (const lease of written) lease.moved(this.tf, this.backend, () => this.fetch())
    if (recording.outputs.length > 0) return results.map((native) => this.backend.createOutputTensor(native))
    results.forEach(({ id }) => this.binding.deleteTensor(id))
    return []
  }

  /** tf.disposeVariables frees the data without marking the variables. */
  private gone(variable: Variable): boolean {
    return variable.isDisposed || !this.backend.tensorMap.has(variable.dataId)
  }

  private openSession(): Session {
    const recordings = new Map<number, { step: string; recording: Recording }>()
    for (const step of this.steps)
      for (const { id, recording } of step.forgetUnusable())
        recordings.set(id, { step: step.name, recording })
    const used = new Set(
      [...recordings.values()].flatMap(({ recording: { reads, writes } }) =>
        [...reads, ...writes].map(({ variable }) => variable),
      ),
    )
    this.leases.clear()
    for (const variable of used) this.leases.set(variable, new Lease(variable))
    const variables = [...used].map((variable) => ({
      variable,
      dtype: this.backend.tensorMap.get(variable.dataId).dtype,
    }))
    const model = savedModel(this.binding, variables, recordings, this.runner)
    try {
      this.session = new Session(this.binding, this.loadGraph, model)
    } catch (error) {
      const names = this.steps.map(({ name }) => `"${name}"`).join(', ')
      throw new Error(`TensorFlow refused the graph of step ${names}: ${(error as Error).message}`, {
        cause: error,
      })
    }
    return this.session
  }

  /**
   * Sends variables whose value is not the session's. All at once: every set of names that a session is asked
   * for costs it an executor.
   */
  private send(): void {
    const leases = [...this.leases.values()]
    if (leases.every((lease) => lease.current)) return
    const ids = this.backend.getInputTensorIds(leases.map((lease) => lease.variable))
    const [done] = this.session!.run(ids, leases.map((_, index) => `v${index}/feed:0`).join(), 'all/set:0')
    this.binding.deleteTensor(done!.id)
    leases.forEach((lease) => lease.sent())
  }

  /** Gives the tf.Variables the session's values. On a CPU nothing is copied. */
  private fetch(): void {
    const leases = [...this.leases.values()]
    if (!leases.some((lease) => lease.pending)) return
    const results = this.session!.run([], '', leases.map((_, index) => `v${index}/get:0`).join())
    leases.forEach((lease, index) => {
      const { id } = results[index]!
      if (lease.pending) lease.fetched(id)
      else this.binding.deleteTensor(id)
    })
  }
}

/** One step of a program with its traces. */
class GraphStep {
  traces = 0
  private readonly kept = new Map<string, Trace>()
  private kinds: string[] | null = null
  private madeVariables = false

  constructor(
    private readonly program: GraphProgram,
    readonly name: string,
    private readonly step: Step,
  ) {}

  call(inputs: Tensor[]): Tensor[] {
    if (this.program.disposed) throw new Refusal(this.name, reasons.disposedStep)
    if (isRecording()) return this.step(inputs)
    this.checkInputs(inputs)
    const key = inputs.map(({ shape }) => shape.join()).join(' ')
    const trace = this.kept.get(key)
    const usable = trace ? this.program.usable(trace) : 'stale'
    if (typeof usable === 'object') throw new Refusal(this.name, reasons.disposed(usable.name))
    if (!trace || usable === 'stale') return this.first(key, inputs)
    // The last of the map is the one used last.
    this.kept.delete(key)
    this.kept.set(key, trace)
    return this.program.run(trace, inputs)
  }

  /** The traces that can go into a graph; the others are dropped (and recorded anew, or refused, when called for). */
  forgetUnusable(): Trace[] {
    return [...this.kept.values()].filter((trace) => this.program.usable(trace) === 'yes')
  }

  private first(key: string, inputs: Tensor[]): Tensor[] {
    const { outputs, trace, madeVariables } = this.program.trace(this.name, this.step, inputs)
    this.traces++
    this.program.closeSession()
    this.kinds ??= inputs.map(kind)
    // Optimisers make their slots at the first step. That step was right as it ran, but its record starts
    // from new slots: record another.
    if (madeVariables && this.madeVariables) throw new Refusal(this.name, reasons.variables)
    this.madeVariables = madeVariables
    if (madeVariables) return outputs
    this.kept.set(key, trace)
    if (this.kept.size > tracesKept) this.kept.delete(this.kept.keys().next().value!)
    return outputs
  }

  private checkInputs(inputs: Tensor[]): void {
    const gone = inputs.findIndex((tensor) => tensor.isDisposed)
    if (gone >= 0) throw new Refusal(this.name, reasons.disposedInput(gone))
    if (!this.kinds) return
    if (inputs.length !== this.kinds.length)
      throw new Refusal(this.name, reasons.inputCount(inputs.length, this.kinds.length))
    inputs.forEach((tensor, index) => {
      if (kind(tensor) !== this.kinds![index])
        throw new Refusal(this.name, reasons.inputKind(index, kind(tensor), this.kinds![index]!))
    })
  }
}

const kind = ({ dtype, rank }: Tensor): string => `${dtype} of rank ${rank}`
