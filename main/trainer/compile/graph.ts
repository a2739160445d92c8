/**
 * Writes recordings as one TensorFlow graph, wrapped as the smallest SavedModel that TensorFlow loads. All
 * recordings of a program are in one graph because that is what lets them share variables: the binding gives
 * every loaded model a session of its own, and resources belong to a session.
 *
 *   v3                VarHandleOp of the third variable, with v3/feed and v3/set to write it from outside
 *                     and v3/get to read it
 *   all/set           done when every variable has been written
 *   t1/in0            an input of the first recording; t1/read0 a variable's value before the run; t1/n12 an operation
 *   t1/write0         a variable's new value, stored after its old one was read
 *   t1/out0           an output, given once all writes are done
 *
 * Where XLA compiles them, a recording's operations are a function, t1, that t1/call calls (xla.ts); all else stands
 * as above.
 */
import { GraphWriter, type GraphPart, type Named } from './graph-writer'
import type { NodeBinding, Variable } from './native'
import { nodeOf, type Ref } from './recording'
import { writeCompiled } from './xla'

/** How operations run: by TensorFlow, one kernel after the other, or as what XLA makes of all of them. */
export type Runner = 'kernels' | 'xla'

/** @throws Refusal where a recording cannot be written for XLA */
export function savedModel(
  binding: NodeBinding,
  used: { variable: Variable; dtype: number }[],
  recordings: ReadonlyMap<number, Named>,
  runner: Runner,
): Uint8Array {
  const writer = new GraphWriter(binding)
  used.forEach(({ variable, dtype }, index) => writer.variable(`v${index}`, variable.shape, dtype))
  writer.node(
    'all/set',
    'Const',
    used.map((_, index) => `^v${index}/set`),
    writer.scalarAttributes(),
  )
  const variables = new Map(
    used.map(({ variable, dtype }, index) => [variable, { name: `v${index}`, dtype }]),
  )
  for (const [id, named] of recordings) {
    const part = { ...named, writer, prefix: `t${id}`, variables }
    writeArguments(part)
    writeResults(part, runner === 'xla' ? writeCompiled(part) : writeKernels(part))
  }
  return writer.finish()
}

/** Inputs, and the variables' values before the run. */
function writeArguments({ writer, prefix, recording, variables }: GraphPart): void {
  recording.inputs.forEach(({ name, dtype, shape }) =>
    writer.node(`${prefix}/${name}`, 'Placeholder', [], {
      dtype: writer.type(dtype),
      shape: writer.shape(shape),
    }),
  )
  recording.reads.forEach(({ variable, ref }) => {
    const { name, dtype } = variables.get(variable)!
    writer.node(`${prefix}/${nodeOf(ref)}`, 'ReadVariableOp', [name], { dtype: writer.type(dtype) })
  })
}

/** Each operation as it was recorded. @returns where a value is in the graph */
function writeKernels({ writer, prefix, recording }: GraphPart): (ref: Ref) => Ref {
  const here = (ref: Ref): Ref => `${prefix}/${ref}`
  recording.nodes.forEach((node) => writer.recorded(here(node.name), node, here))
  return here
}

/** What is stored in variables, and given once that is done. @param value where a value is in the graph */
function writeResults({ writer, prefix, recording, variables }: GraphPart, value: (ref: Ref) => Ref): void {
  const { reads, writes, outputs } = recording
  const readOf = new Map(reads.map(({ variable, ref }) => [variable, ref]))
  writes.forEach(({ variable, ref }, index) => {
    const { name, dtype } = variables.get(variable)!
    const read = readOf.get(variable)
    const after = read === undefined ? [] : [`^${prefix}/${nodeOf(read)}`]
    writer.node(`${prefix}/write${index}`, 'AssignVariableOp', [name, value(ref), ...after], {
      dtype: writer.type(dtype),
    })
  })
  writer.node(
    `${prefix}/done`,
    'Const',
    writes.map((_, index) => `^${prefix}/write${index}`),
    writer.scalarAttributes(),
  )
  outputs.forEach(({ ref, dtype }, index) =>
    writer.node(`${prefix}/out${index}`, 'Identity', [value(ref), `^${prefix}/done`], {
      T: writer.type(dtype),
    }),
  )
}
