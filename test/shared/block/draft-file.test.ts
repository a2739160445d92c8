import { describe, expect, test } from 'vitest'
import { parseDraft, parseLayout, parseNodes } from '../../../shared/block/draft-file'
import type { GraphNode } from '../../../shared/graph/block-graph'
import { OPERATION_NAMES } from '../../../shared/operations'
import { refusal } from '../refusal'

const LAYER = { id: 'a', op: 'linear', inputs: ['input'], units: 1 }
const draft = (changes: object) => ({ name: 'x', nodes: [LAYER], output: 'a', ...changes })
const withNode = (changes: object) => draft({ nodes: [{ ...LAYER, ...changes }] })
const parse = (value: unknown) => parseDraft(value, 'd.json')

test('what is left out: the title is the name, nothing is the output, nothing has a place', () => {
  expect(parse({ name: 'x', nodes: [] })).toEqual({
    name: 'x',
    title: 'x',
    description: '',
    nodes: [],
    output: '',
    layout: {},
  })
})

test('what is given stays as it is', () => {
  const whole = draft({
    title: 't'.repeat(200),
    description: 'd'.repeat(1000),
    layout: { a: [1, -2], input: [0, 0], '@end': [3, 4] },
  })
  expect(parse({ ...whole, version: 1 })).toEqual(whole)
  expect(parse(draft({ output: 'input' })).output).toBe('input')
})

test('places of operations that are not there are left out', () => {
  expect(parseLayout({ b: [1, 2], a: [3, 4] }, [LAYER as GraphNode], 'l')).toEqual({ a: [3, 4] })
  expect(parseLayout(undefined, [], 'l')).toEqual({})
})

test('a list of operations is copied, with its inputs', () => {
  const given = [{ ...LAYER, inputs: ['input'] }]
  const [node] = parseNodes(given, 'n')
  expect(node).toEqual(given[0])
  expect(node!.inputs).not.toBe(given[0]!.inputs)
})

test('500 operations, and no more', () => {
  const many = (length: number) => Array.from({ length }, (_, i) => ({ ...LAYER, id: `n${i}` }))
  expect(parseNodes(many(500), 'n')).toHaveLength(500)
  expect(refusal(() => parseNodes(many(501), 'n'))).toBe(
    'n: 501 operations are too many. A block has at most 500: shorten it.',
  )
})

describe('what is refused: where, what, and how to mend it', () => {
  const node = 'd.json.nodes[0]'
  const unconnected = 'List their ids; "" stands for one that is not connected.'
  const reference = 'Name an operation of the list, "input", or "" for nothing.'
  test.each<[unknown, string]>([
    [
      7,
      'd.json: this is not a block (an object with name, nodes and output). See docs/block-files.md for the form.',
    ],
    [draft({ autput: 'a' }), 'd.json.autput: there is no such field. Did you mean "output"?'],
    [
      draft({ version: 2 }),
      'd.json.version: version 2 is not known here (this program reads version 1). Open it with the Residual Lab ' +
        'that saved it, or a newer one.',
    ],
    [draft({ name: 7 }), 'd.json.name: a name of 1 to 100 characters is missing. Give one in quotes.'],
    [
      draft({ nodes: {} }),
      'd.json.nodes: a list of operations is missing. See docs/block-files.md for the form.',
    ],
    [draft({ title: ['T'] }), 'd.json.title: this is not a text of at most 200 characters. Shorten it.'],
    [draft({ title: 7 }), 'd.json.title: this is not a text of at most 200 characters. Shorten it.'],
    [
      draft({ title: 't'.repeat(201) }),
      'd.json.title: this is not a text of at most 200 characters. Shorten it.',
    ],
    [
      draft({ description: 'd'.repeat(1001) }),
      'd.json.description: this is not a text of at most 1000 characters. Shorten it.',
    ],
    [draft({ output: 'b' }), `d.json.output: there is no operation "b". ${reference}`],
    [draft({ output: 7 }), `d.json.output: there is no operation 7. ${reference}`],
    [
      draft({ layout: [] }),
      'd.json.layout: this is not a list of positions (an object of [x, y] ' +
        'by id). See docs/block-files.md for the form.',
    ],
    [draft({ layout: { a: 7 } }), 'd.json.layout.a: 7 is not a position. Give [x, y].'],
    [draft({ layout: { a: [1] } }), 'd.json.layout.a: this list is not a position. Give [x, y].'],
    [draft({ layout: { a: [1, '2'] } }), 'd.json.layout.a: this list is not a position. Give [x, y].'],
    [
      draft({ layout: { a: { length: 2 } } }),
      'd.json.layout.a: {"length":2} is not a position. Give [x, y].',
    ],
    [
      draft({ nodes: ['a'] }),
      `${node}: this is not an operation (an object with id, op and inputs). See docs/block-files.md for the form.`,
    ],
    [withNode({ id: '' }), `${node}.id: a name of 1 to 100 characters is missing. Give one in quotes.`],
    [withNode({ id: 'input' }), `${node}.id: "input" cannot be an operation’s id. Give it another.`],
    [
      withNode({ op: undefined }),
      `${node}.op: there is no operation nothing. The operations are ${OPERATION_NAMES.join(', ')}.`,
    ],
    [withNode({ gan: 1 }), `${node}.gan: there is no such field. Did you mean "gain"?`],
    [
      withNode({ units: 17 }),
      `${node}.units: 17 is not a number that fits. Give a number above 0 and at most 16.`,
    ],
    [withNode({ inputs: 'a' }), `${node}.inputs: linear takes 1 input. ${unconnected}`],
    [withNode({ inputs: [] }), `${node}.inputs: linear takes 1 input. ${unconnected}`],
    [
      draft({ nodes: [LAYER, { id: 's', op: 'sum', inputs: ['a'] }] }),
      `d.json.nodes[1].inputs: sum takes 2 inputs. ${unconnected}`,
    ],
    [withNode({ inputs: ['b'] }), `${node}.inputs[0]: there is no operation "b". ${reference}`],
    [
      draft({ nodes: [LAYER, { id: 's', op: 'sum', inputs: ['a', 'b'] }] }),
      `d.json.nodes[1].inputs[1]: there is no operation "b". ${reference}`,
    ],
    [
      draft({ nodes: [LAYER, LAYER] }),
      'd.json.nodes[1].id: "a" is used twice. Give every operation its own id.',
    ],
  ])('%j', (value, message) => expect(refusal(() => parse(value))).toBe(message))
})
