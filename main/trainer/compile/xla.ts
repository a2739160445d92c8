/**
 * A recording whose operations XLA compiles: TensorFlow's compiler makes one program of them for the shapes that they
 * are first run with, where TensorFlow itself runs a kernel for each. They stand in a function that is to be compiled
 * as a whole (`_XlaMustCompile`, tensorflow/compiler/jit/defs.h); variables are read before it and written after it.
 * What XLA cannot compile is an error at the first run.
 */
import type { Argument, GraphPart } from './graph-writer'
import type { OpAttribute, Variable } from './native'
import { nodeOf, type Node, type Ref } from './recording'
import { Refusal, reasons } from './refusal'

const MUST_COMPILE = '_XlaMustCompile'

/**
 * What TensorFlow's definitions of operations call their one output, or their list of them: within a function a value
 * is known by it ("n12:product:0"). Of operations that TensorFlow.js runs; tensorflow/core/ops/*.cc.
 */
const OUTPUTS: Record<string, string> = {
  output:
    'All Any ArgMax ArgMin AvgPool AvgPoolGrad BatchMatMulV2 BroadcastTo ConcatV2 Const Conv2D ' +
    'Conv2DBackpropFilter Conv2DBackpropInput DepthwiseConv2dNative DepthwiseConv2dNativeBackpropFilter ' +
    'DepthwiseConv2dNativeBackpropInput Einsum ExpandDims Fill GatherV2 Identity LinSpace Max MaxPool MaxPoolGrad ' +
    'Mean Min OneHot Pack Pad PadV2 Prod Reshape ReverseV2 Select SelectV2 Slice Split SplitV Squeeze StridedSlice ' +
    'Sum Tile Unpack UnsortedSegmentSum',
  y:
    'Abs Acos Asin Atan Cast Ceil Cos Cosh Erf Exp Expm1 Floor IsFinite IsInf IsNan Log Log1p LogicalNot Neg ' +
    'OnesLike Reciprocal Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square Tan Tanh Transpose ZerosLike',
  z:
    'Add AddV2 Atan2 Div DivNoNan Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr ' +
    'Maximum Minimum Mod Mul NotEqual Pow RealDiv SigmoidGrad SqrtGrad SquaredDifference Sub TanhGrad',
  activations: 'Elu LeakyRelu Relu Relu6 Selu Softplus',
  backprops: 'EluGrad LeakyReluGrad Relu6Grad ReluGrad',
  product: 'MatMul',
  sum: 'AddN',
  softmax: 'Softmax',
  logsoftmax: 'LogSoftmax',
  out: 'Cumsum',
}

const OUTPUT_OF = new Map(
  Object.entries(OUTPUTS).flatMap(([output, names]) =>
    names.split(' ').map((op): [string, string] => [op, output]),
  ),
)

/**
 * Writes a recording's operations as a function, and its call.
 * @returns where a value that is stored or given is in the graph
 * @throws Refusal for an operation that is not in the table above
 */
export function writeCompiled({ writer, prefix, step, recording, variables }: GraphPart): (ref: Ref) => Ref {
  const { inputs, reads, writes, outputs } = recording
  const nodes = recording.nodes.flatMap(known)
  const dtypeOf = (variable: Variable) => variables.get(variable)!.dtype
  const given: Argument[] = [
    ...inputs,
    ...reads.map(({ variable, ref }) => ({ name: nodeOf(ref), dtype: dtypeOf(variable) })),
  ]
  const wanted = new Map([
    ...writes.map(({ variable, ref }): [Ref, number] => [ref, dtypeOf(variable)]),
    ...outputs.map(({ ref, dtype }): [Ref, number] => [ref, dtype]),
  ])
  const results = [...wanted].map(([ref, dtype], index) => ({ name: `result${index}`, ref, dtype }))
  const within = placeWithin(step, given, nodes)
  const attributes = { [MUST_COMPILE]: writer.truth(true) }
  writer.function(prefix, { inputs: given, outputs: results, nodes, within, attributes })
  const call = `${prefix}/call`
  writer.node(
    call,
    'StatefulPartitionedCall',
    given.map(({ name }) => `${prefix}/${name}`),
    {
      Tin: writer.types(given.map(({ dtype }) => dtype)),
      Tout: writer.types(results.map(({ dtype }) => dtype)),
      f: writer.called(prefix),
      ...attributes,
    },
  )
  const places = new Map(results.map(({ ref }, index) => [ref, `${call}:${index}`]))
  return (ref) => places.get(ref)!
}

/** The root of a sum of squares, which XLA knows no operation for, and computes in one pass all the same. */
function known(node: Node): Node[] {
  if (node.kind !== 'op' || node.op !== 'EuclideanNorm') return [node]
  const { name, attributes, inputs } = node
  const [x, axes] = inputs
  const type = attributes.filter((attribute) => attribute.name === 'T')
  const [squares, sum] = [`${name}_squares`, `${name}_sum`]
  const operation = (name: string, op: string, own: OpAttribute[], inputs: Ref[]): Node => ({
    ...{ kind: 'op', name, op, attributes: own, inputs },
  })
  return [
    operation(squares, 'Square', type, [x!]),
    operation(sum, 'Sum', attributes, [`${squares}:0`, axes!]),
    operation(name, 'Sqrt', type, [`${sum}:0`]),
  ]
}

/** How a function's nodes refer to a value: an argument by its name, a node's output by that of its definition, too. */
function placeWithin(step: string, given: readonly Argument[], nodes: readonly Node[]): (ref: Ref) => Ref {
  const isGiven = new Set(given.map(({ name }) => name))
  const operations = new Map(nodes.map((node) => [node.name, node.kind === 'op' ? node.op : 'Const']))
  return (ref) => {
    const name = nodeOf(ref)
    if (isGiven.has(name)) return name
    const op = operations.get(name)!
    const output = OUTPUT_OF.get(op)
    if (output === undefined) throw new Refusal(step, reasons.operation(op, reasons.unnamed))
    return `${name}:${output}:${ref.slice(name.length + 1)}`
  }
}
