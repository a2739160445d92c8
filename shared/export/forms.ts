import { named } from '../base/errors'

/** A form in which networks leave the lab, as people choose it. */
export interface ExportForm {
  name: 'pytorch' | 'keras' | 'onnx' | 'tfjs' | 'savedmodel' | 'npz'
  title: string
  /** Whether one network is a folder or one file. */
  is: 'folder' | 'file'
  /** What opens it, a sentence. */
  opens: string
}

/** All forms, in the order in which they are offered. */
export const EXPORT_FORMS: readonly ExportForm[] = [
  {
    name: 'pytorch',
    title: 'PyTorch',
    is: 'folder',
    opens: 'A folder with the network as readable code and its weights: Python with PyTorch alone opens it.',
  },
  {
    name: 'keras',
    title: 'Keras 3',
    is: 'file',
    opens:
      'One .keras file, with the network as readable code beside it: Keras 3 opens it, whether TensorFlow, JAX or ' +
      'PyTorch computes.',
  },
  {
    name: 'onnx',
    title: 'ONNX',
    is: 'file',
    opens:
      'One .onnx file: ONNX Runtime opens it from Python, C++, C#, Java and JavaScript, and Netron draws it.',
  },
  {
    name: 'tfjs',
    title: 'TensorFlow.js',
    is: 'folder',
    opens:
      'A folder with model.json, and the network as readable code: TensorFlow.js opens it in a web page or in Node.',
  },
  {
    name: 'savedmodel',
    title: 'TensorFlow SavedModel',
    is: 'folder',
    opens: 'A folder with saved_model.pb: TensorFlow 2 and TensorFlow Serving open it.',
  },
  {
    name: 'npz',
    title: 'NPZ',
    is: 'file',
    opens: 'One .npz file with the weights alone, as arrays: NumPy opens it.',
  },
]

export type ExportFormName = ExportForm['name']

/** @throws InputError with the nearest name */
export const exportForm = (name: string, where = 'format'): ExportForm =>
  named(EXPORT_FORMS, name, where, 'format')

/** What of a run is exported, and how. */
export interface ExportSettings {
  format: ExportFormName
  /** Which network of the run; counts from 1. Null: its only one. */
  series: number | null
  /** Which of those that differ in their seeds alone; counts from 1. Null: all. */
  replica: number | null
  /** Whether batch norms become part of the layers before them. */
  fold: boolean
  float16: boolean
  /** Of the weights, in the user's words; null: not stated. */
  licence: string | null
}

/** That what was written computes what the lab's network does. */
export interface ExportProof {
  /** Standard normal numbers. */
  inputs: { distribution: 'standard normal'; seed: number; samples: number }
  /** Whether weights are in it as the run has them. */
  weights: string
  /** Who opened what was written, and what its outputs were held against. */
  reopenedBy: string
  comparedWith: string
  /** Largest difference of an output. */
  absoluteDifference: number
  /** The same, as a share of the largest output. */
  relativeDifference: number
}

/** One network that was exported. */
export interface ExportedRun {
  path: string
  series: number
  replica: number
  /** "Type 2 + batch norm". */
  network: string
  proof: ExportProof
}
