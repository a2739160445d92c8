import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
// @ts-expect-error The package has no types for its protobuf messages.
import messages from '@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js'
import type { CompileBackend } from '../../main/trainer/compile'
import { nativeBackend as internals } from '../../main/trainer/compile/native'

interface Tensor {
  tensorContent: string
  floatValList: number[]
  intValList: number[]
  boolValList: boolean[]
}
interface Attribute {
  s: string
  i: number
  b: boolean
  type: number
  shape?: { dimList: { size: number }[] }
  tensor?: Tensor
}
interface Node {
  name: string
  op: string
  inputList: string[]
  attrMap: [string, Attribute][]
}

/** What passes between a program and TensorFlow while `act` runs. */
export interface Traffic {
  /** The graphs that were loaded, each as its nodes. */
  graphs: Node[][]
  /** The runs, as "inputs -> outputs". */
  runs: string[]
  /** The folders that graphs were loaded from: their names, and whether they are there still. */
  folders: { name: string; isThere: () => boolean }[]
}

/** @param refused what TensorFlow says of every graph, in place of loading it */
export function watch(backend: CompileBackend, act: (traffic: Traffic) => void, refused?: string): Traffic {
  const native = internals(backend.tf)
  const { binding } = native
  const traffic: Traffic = { graphs: [], runs: [], folders: [] }
  native.binding = Object.create(binding, {
    loadSavedModel: {
      value: (folder: string, tags: string) => {
        const model = messages.SavedModel.deserializeBinary(readFileSync(join(folder, 'saved_model.pb')))
        traffic.graphs.push(model.getMetaGraphsList()[0].getGraphDef().toObject().nodeList)
        traffic.folders.push({ name: basename(folder), isThere: () => existsSync(folder) })
        if (refused !== undefined) throw new Error(refused)
        return binding.loadSavedModel(folder, tags)
      },
    },
    runSavedModel: {
      value: (id: number, inputIds: number[], inputs: string, outputs: string) => {
        traffic.runs.push(`${inputs} -> ${outputs}`)
        return binding.runSavedModel(id, inputIds, inputs, outputs)
      },
    },
  })
  try {
    act(traffic)
  } finally {
    native.binding = binding
  }
  return traffic
}

/** "name = Operation(inputs)" */
export const line = ({ name, op, inputList }: Node) => `${name} = ${op}(${inputList.join(', ')})`

/** A constant's value as the graph holds it: its bytes in hexadecimal, or the one value of all its elements. */
export function constant({ attrMap }: Node) {
  const { tensorContent, floatValList, intValList, boolValList } = new Map(attrMap).get('value')!.tensor!
  const [single] = [...floatValList, ...intValList, ...boolValList]
  return single ?? Buffer.from(tensorContent, 'base64').toString('hex')
}

/** Attributes by name: a type's number, a text, a shape, or a truth. */
export const attributes = ({ attrMap }: Node) =>
  Object.fromEntries(
    attrMap.map(([name, { s, i, b, type, shape }]) => [
      name,
      shape
        ? shape.dimList.map(({ size }) => size)
        : s
          ? Buffer.from(s as string, 'base64').toString()
          : type || i || b,
    ]),
  )
