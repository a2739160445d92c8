import { describe, expect, test } from 'vitest'
import { MOST_NODES, parseBlockGraph, parseField, rangeText, ratioText } from '../../../shared/block/file'
import { presetNamed } from '../../../shared/block/presets'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { OPERATION_NAMES } from '../../../shared/operations'
import type { Field } from '../../../shared/operations/operation'
import { refusal } from '../refusal'

const LAYER = { id: 'a', op: 'linear', inputs: ['input'], units: 1 }
const SUM = { id: 's', op: 'sum', inputs: ['input', 'a'] }
const file = (changes: object) => ({ name: 'x', nodes: [LAYER], output: 'a', ...changes })
const withNode = (changes: object) => file({ nodes: [{ ...LAYER, ...changes }] })
const parse = (value: unknown) => parseBlockGraph(value, 'b.json')

describe('what a block file may hold', () => {
  test('name, nodes and output are enough: the title is the name, the description empty', () => {
    expect(parse(file({}))).toEqual({
      name: 'x',
      title: 'x',
      description: '',
      nodes: [LAYER],
      output: 'a',
    })
  })

  test('title and description as far as they are texts, 200 and 1000 characters of them', () => {
    const { title, description } = parse(file({ title: 't'.repeat(201), description: 'd'.repeat(1001) }))
    expect([title.length, description.length]).toEqual([200, 1000])
    expect(parse(file({ title: 3, description: [] }))).toMatchObject({ title: 'x', description: '' })
    expect(parse(file({ title: 'T', description: 'D' }))).toMatchObject({ title: 'T', description: 'D' })
  })

  test('positions of what is there, as far as they are two finite numbers', () => {
    const layout = {
      input: [0, 1],
      a: [2, -3],
      other: [1, 1],
    }
    expect(parse(file({ layout })).layout).toEqual({ input: [0, 1], a: [2, -3] })
    for (const at of [
      [1],
      [1, 2, 3],
      [1, NaN],
      [Infinity, 0],
      ['1', 2],
      '12',
      null,
      { 0: 1, 1: 2, length: 2 },
    ])
      expect(parse(file({ layout: { a: at } }))).not.toHaveProperty('layout')
    for (const none of [null, 'input', 7, [[0, 1]], {}])
      expect(parse(file({ layout: none }))).not.toHaveProperty('layout')
    expect(parse(file({ layout: Object.create({ a: [1, 2] }) as object }))).not.toHaveProperty('layout')
  })

  test('up to 500 operations', () => {
    const chain = (length: number) =>
      Array.from({ length }, (_, i) => ({ id: `n${i}`, op: 'relu', inputs: [i ? `n${i - 1}` : 'input'] }))
    expect(parse(file({ nodes: chain(MOST_NODES), output: 'n499' })).nodes).toHaveLength(500)
    expect(refusal(() => parse(file({ nodes: chain(501), output: 'n500' })))).toBe(
      'b.json.nodes: this is not a list of 1 to 500 operations. See docs/block-files.md for the form.',
    )
  })

  test('an operation’s optional fields; texts that are missing are empty, and long ones cut off', () => {
    const { nodes } = parse(withNode({ bias: false, gain: 0.5 }))
    expect(nodes[0]).toEqual({ ...LAYER, bias: false, gain: 0.5 })
    const scale = (text: unknown) =>
      parse(file({ nodes: [{ id: 'a', op: 'scale', inputs: ['input'], factor: 2, text }] })).nodes[0]
    expect(scale(undefined)).toEqual({ id: 'a', op: 'scale', inputs: ['input'], factor: 2, text: '' })
    expect(scale('x'.repeat(41))).toMatchObject({ text: 'x'.repeat(40) })
  })

  test('lists are copied, so that whoever gave the value may go on with it', () => {
    const value = file({
      nodes: [{ id: 'a', op: 'block-scale', inputs: ['input'], factors: [1, 2], text: '' }],
    })
    const [given] = value.nodes as unknown as Extract<GraphNode, { op: 'block-scale' }>[]
    const [node] = parse(value).nodes as Extract<GraphNode, { op: 'block-scale' }>[]
    expect(node).toEqual(given)
    expect(node!.factors).not.toBe(given!.factors)
    expect(node!.inputs).not.toBe(given!.inputs)
  })
})

describe('what is refused: where, what, and how to mend it', () => {
  const notOneTo500 =
    'b.json.nodes: this is not a list of 1 to 500 operations. See docs/block-files.md for the form.'
  const node = 'b.json.nodes[0]'
  test.each<[unknown, string]>([
    [
      [],
      'b.json: this is not a block graph (an object with name, nodes and ' +
        'output). See docs/block-files.md for the form.',
    ],
    [file({ nods: 1 }), 'b.json.nods: there is no such field. Did you mean "nodes"?'],
    [
      file({ version: 2 }),
      'b.json.version: version 2 is not known here (this program reads version 1). Open it with the Residual Lab ' +
        'that saved it, or a newer one.',
    ],
    [file({ name: '' }), 'b.json.name: a name of 1 to 100 characters is missing. Give one in quotes.'],
    [file({ nodes: [] }), notOneTo500],
    [file({ nodes: { length: 1 } }), notOneTo500],
    [
      file({ nodes: [[]] }),
      `${node}: this is not an operation (an object with id, op and inputs). See docs/block-files.md for the form.`,
    ],
    [withNode({ id: 7 }), `${node}.id: a name of 1 to 100 characters is missing. Give one in quotes.`],
    [withNode({ id: 'input' }), `${node}.id: "input" is used twice. Give every operation its own id.`],
    [
      withNode({ op: 7 }),
      `${node}.op: there is no operation 7. The operations are ${OPERATION_NAMES.join(', ')}.`,
    ],
    [withNode({ inputs: 'input' }), `${node}.inputs: linear takes 1 input. List their ids.`],
    [withNode({ inputs: { length: 1 } }), `${node}.inputs: linear takes 1 input. List their ids.`],
    [
      file({ nodes: [LAYER, { ...SUM, inputs: ['a'] }], output: 's' }),
      'b.json.nodes[1].inputs: sum takes 2 inputs. List their ids.',
    ],
    [
      withNode({ inputs: [7] }),
      `${node}.inputs: 7 is neither "input" nor an operation listed before. List operations after their inputs; ` +
        'cycles are not possible.',
    ],
    [
      withNode({ quite: 1, other: 2 }),
      `${node}: linear has no field "quite". Its fields are id, op, inputs, units, bias, gain, standardised.`,
    ],
    [
      withNode({ units: undefined }),
      `${node}.units: nothing is not a number that fits. Give a number above 0 and at most 16.`,
    ],
    [
      file({ nodes: [{ id: 'a', op: 'scale', inputs: ['input'], factor: 1, text: 7 }] }),
      `${node}.text: 7 is not a text. Give a text in quotes.`,
    ],
    [
      file({ nodes: [{ id: 'a', op: 'scale', inputs: ['input'], factor: Infinity, text: '' }] }),
      `${node}.factor: Infinity is not a number that fits. Give a finite number.`,
    ],
    [file({ output: '' }), 'b.json.output: a name of 1 to 100 characters is missing. Give one in quotes.'],
    [
      file({ output: 'input' }),
      'b.json.output: there is no operation "input". Name the operation whose result is h_k.',
    ],
    [
      file({
        nodes: [LAYER, { id: 'cut', op: 'linear', inputs: ['a'], units: 0.5 }],
        output: 'cut',
      }),
      'b.json.output: the block turns 1 N into 0.5 N. End it at the width (and the positions) of the stream.',
    ],
    [
      file({ nodes: [{ id: 'a', op: 'average-pool', inputs: ['input'], kernel: 1, stride: 2, padding: 0 }] }),
      'b.json.output: the block turns 1 N into 1 N on 32 × 32 of 64 × 64 positions. End it at the width (and the ' +
        'positions) of the stream.',
    ],
    [file({ nodes: [{ id: 'a', op: 'group-norm', inputs: ['input'], groups: 3 }] }), 'accepted'],
  ])('%j', (value, message) => expect(refusal(() => parse(value))).toBe(message))

  test.each<[Partial<Field>, unknown, string]>([
    [
      { type: 'numbers' },
      [1, Infinity],
      '[1,null] is not a list of numbers. Give at least one finite number.',
    ],
    [
      { type: 'numbers' },
      { 0: 1, length: 1 },
      '{"0":1,"length":1} is not a list of numbers. Give at least one finite number.',
    ],
    [{ type: 'numbers' }, Array.from({ length: 10_000 }, () => 1), 'accepted'],
    [{ type: 'integer', minimum: 1, maximum: 3 }, 1, 'accepted'],
    [{ type: 'integer', minimum: 1, maximum: 3 }, 3, 'accepted'],
    [
      { type: 'integer', minimum: 1, maximum: 3 },
      4,
      '4 is not a number that fits. Give a whole number from 1 to 3.',
    ],
    [
      { type: 'integer', minimum: 1, maximum: 3 },
      1.5,
      '1.5 is not a number that fits. Give a whole number from 1 to 3.',
    ],
    [{ type: 'number', minimum: 0, maximum: 1 }, 0, 'accepted'],
    [
      { type: 'number', minimum: 0, maximum: 1 },
      '0',
      '"0" is not a number that fits. Give a number from 0 to 1.',
    ],
    [
      { type: 'number', minimum: 0, maximum: 1 },
      -0.1,
      '-0.1 is not a number that fits. Give a number from 0 to 1.',
    ],
    [
      { type: 'number', minimum: 0, maximum: 1, isPositive: true },
      0,
      '0 is not a number that fits. Give a number above 0 and at most 1.',
    ],
    [{ type: 'number' }, -1e300, 'accepted'],
    [{ type: 'number', minimum: 0 }, NaN, 'NaN is not a number that fits. Give a finite number.'],
    [{ type: 'number', maximum: 0 }, NaN, 'NaN is not a number that fits. Give a finite number.'],
  ])('a field %j given %.30j', (field, value, message) => {
    const found = refusal(() => parseField(field as Field, value, 'f'))
    expect(found).toBe(message === 'accepted' ? message : `f: ${message}`)
  })

  test('more than 10,000 numbers are no list of them', () => {
    const many = Array.from({ length: 10_001 }, () => 1)
    expect(refusal(() => parseField({ type: 'numbers' } as Field, many, 'f'))).toMatch(
      /^f: \[1,1,.*… is not a list of numbers\. Give at least one finite number\.$/,
    )
  })
})

test('a range in words: whole or not, with or without its lower end', () => {
  const field = { minimum: 1, maximum: 15 } as Field
  expect(rangeText({ ...field, type: 'integer' })).toBe('a whole number from 1 to 15')
  expect(rangeText({ ...field, type: 'number' })).toBe('a number from 1 to 15')
  expect(rangeText({ ...field, type: 'integer', isPositive: true })).toBe(
    'a whole number above 1 and at most 15',
  )
  expect(rangeText({ type: 'number' } as Field)).toBe('a finite number')
})

test('a shape in ratios of the network’s width, with positions where they change in either direction', () => {
  expect(ratioText({ units: 512, rows: 64, columns: 64 })).toBe('0.5 N')
  expect(ratioText({ units: 1024, rows: 32, columns: 64 })).toBe('1 N on 32 × 64 of 64 × 64 positions')
  expect(ratioText({ units: 2048, rows: 64, columns: 16 })).toBe('2 N on 64 × 16 of 64 × 64 positions')
})

test('every preset is a block file', () => {
  const practical = presetNamed('practical')
  expect(parse(JSON.parse(JSON.stringify(practical)))).toEqual(practical)
})
