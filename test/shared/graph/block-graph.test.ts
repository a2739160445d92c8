import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseBlockGraph, rangeText } from '../../../shared/block/file'
import { PRESETS, presetNamed, withoutSkip } from '../../../shared/block/presets'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { OPERATION_NAMES, nodeLabel, operationOf } from '../../../shared/operations'
import { remedyNamed } from '../../../shared/block/remedies'

const operations = (graph: BlockGraph) => graph.nodes.map((node) => nodeLabel(graph, node.id)).join(', ')
const after = (block: string, remedy: string, depth = 20) =>
  remedyNamed(remedy).apply(presetNamed(block), { depth })

describe('presets', () => {
  test('are as the contract says', () => {
    expect(operations(presetNamed('linear-relu'))).toBe('linear, ReLU, sum')
    expect(operations(presetNamed('original'))).toBe(
      'linear 1, batch norm 1, ReLU 1, linear 2, batch norm 2, sum, ReLU 2',
    )
    expect(operations(presetNamed('bn-after-addition'))).toBe(
      'linear 1, batch norm 1, ReLU 1, linear 2, sum, batch norm 2, ReLU 2',
    )
  })

  test('survive a round trip through a file', () => {
    for (const preset of PRESETS)
      expect(parseBlockGraph(JSON.parse(JSON.stringify(preset)), 'file')).toEqual(preset)
  })

  test('without the skip only the branch and what follows is left', () => {
    expect(operations(withoutSkip(presetNamed('relu-linear')))).toBe('ReLU, linear')
    expect(operations(withoutSkip(presetNamed('original')))).toBe(
      'linear 1, batch norm 1, ReLU 1, linear 2, batch norm 2, ReLU 2',
    )
  })
})

describe('remedies', () => {
  test('1/√2 comes right after each sum', () => {
    expect(operations(after('original', 'rsqrt2').graph)).toContain('sum, scale by 1/√2, ReLU 2')
    expect(after('relu-linear', 'rsqrt2').graph.output).toBe('rsqrt2-1')
  })

  test('norms come first in the branch, and the skip goes past them', () => {
    const { graph } = after('relu-linear', 'batch-norm')
    expect(operations(graph)).toBe('batch norm, ReLU, linear, sum')
    expect(graph.nodes.find((node) => node.op === 'sum')!.inputs[0]).toBe('input')
  })

  test('a branch that has a norm is left as it is, with a note', () => {
    const { graph, note } = after('full-preactivation', 'layer-norm')
    expect(graph).toEqual(presetNamed('full-preactivation'))
    expect(note).toBe('The branch already has a normalisation, so the remedy leaves it as it is.')
  })

  test('1/√L and SkipInit end the branch', () => {
    expect(operations(after('practical', 'rsqrt-depth', 9).graph)).toBe(
      'ReLU 1, linear 1, ReLU 2, linear 2, scale by 1/√9, sum',
    )
    expect(operations(after('relu-linear', 'skipinit').graph)).toBe('ReLU, linear, learned scale, sum')
  })

  test('a plain network has no sums to scale, but can be normalised', () => {
    const plain = withoutSkip(presetNamed('relu-linear'))
    expect(remedyNamed('rsqrt2').apply(plain, { depth: 3 }).note).toBe(
      'This network has no sums, so the remedy leaves it as it is.',
    )
    expect(operations(remedyNamed('batch-norm').apply(plain, { depth: 3 }).graph)).toBe(
      'batch norm, ReLU, linear',
    )
  })
})

describe('block files', () => {
  const node = { id: 'a', op: 'linear', inputs: ['input'], units: 1 }
  test.each([
    [
      3,
      'b.json: this is not a block graph (an object with name, nodes and output). See docs/block-files.md ' +
        'for the form.',
    ],
    [
      { name: 'x', nodes: [{ ...node, op: 'liner' }], output: 'a' },
      'b.json.nodes[0].op: there is no operation "liner". Did you mean "linear"?',
    ],
    [
      { name: 'x', nodes: [{ ...node, inputs: ['b'] }], output: 'a' },
      'b.json.nodes[0].inputs: "b" is neither "input" nor an operation listed before. List operations ' +
        'after their inputs; cycles are not possible.',
    ],
    [
      { name: 'x', nodes: [node, node], output: 'a' },
      'b.json.nodes[1].id: "a" is used twice. Give every operation its own id.',
    ],
    [
      { name: 'x', nodes: [{ ...node, units: 0.5 }], output: 'a' },
      'b.json.output: the block turns 1 N into 0.5 N. End it at the width (and the positions) of the stream.',
    ],
    [
      { name: 'x', nodes: [node], output: 'c' },
      'b.json.output: there is no operation "c". Name the operation whose result is h_k.',
    ],
    [
      {
        name: 'x',
        nodes: [
          { ...node, units: 0.5 },
          { id: 's', op: 'sum', inputs: ['input', 'a'] },
        ],
        output: 's',
      },
      'b.json.nodes[1]: the sum joins 1 N and 0.5 N. End the branch in a linear layer (or a 1 × 1 ' +
        'convolution) with units 1.',
    ],
    [
      { name: 'x', nodes: [{ ...node, gains: 2 }], output: 'a' },
      'b.json.nodes[0]: linear has no field "gains". Did you mean "gain"?',
    ],
    [
      { name: 'x', nodes: [{ ...node, bias: 'no' }], output: 'a' },
      'b.json.nodes[0].bias: "no" is neither true nor false. Give true or false.',
    ],
    [
      { name: 'x', nodes: [{ ...node, op: 'conv-2d', kernel: 0, stride: 1, padding: 1 }], output: 'a' },
      'b.json.nodes[0].kernel: 0 is not a number that fits. Give a whole number from 1 to 64.',
    ],
    [
      { name: 'x', nodes: [{ ...node, op: 'conv-2d', kernel: 2, stride: 1, padding: 1 }], output: 'a' },
      'b.json.output: the block turns 1 N into 1 N on 65 × 65 of 64 × 64 positions. End it at the width ' +
        '(and the positions) of the stream.',
    ],
    [
      {
        name: 'x',
        nodes: [{ id: 'a', op: 'block-scale', inputs: ['input'], factors: [], text: '' }],
        output: 'a',
      },
      'b.json.nodes[0].factors: [] is not a list of numbers. Give at least one finite number.',
    ],
    [
      { name: 'x', nodes: [{ id: 'a', op: 'dropout', inputs: ['input'], rate: 1 }], output: 'a' },
      'b.json.nodes[0].rate: 1 is not a number that fits. Give a number from 0 to 0.99.',
    ],
  ])('%j', (value, expected) => expect(() => parseBlockGraph(value, 'b.json')).toThrow(expected))

  test('the documentation has every operation with its fields, and what every field may be', () => {
    const [operationTable, fieldTable] = readFileSync('docs/block-files.md', 'utf8').split(
      '| field | value |',
    )
    const row = (table: string, name: string) => {
      const line = table.split('\n').find((one) => one.startsWith(`| \`${name}\` |`))
      return (line ?? `no row for ${name}`).split('|').map((cell) => cell.trim())
    }
    const kinds = { switch: 'true or false', text: 'a text', numbers: 'a list of finite numbers' }
    for (const op of OPERATION_NAMES) {
      const { inputs, fields } = operationOf({ op })
      const names = fields.map((field) => `\`${field.key}\``).join(', ')
      expect(row(operationTable, op).slice(1, 4)).toEqual([`\`${op}\``, String(inputs), names])
      for (const field of fields) {
        const expected = field.optional
          ? JSON.stringify(field.default)
          : field.type === 'text'
            ? '""'
            : 'must be there'
        const value = kinds[field.type as keyof typeof kinds] ?? rangeText(field)
        expect(row(fieldTable, field.key).slice(2, 4)).toEqual([value, expected])
      }
    }
  })
})
