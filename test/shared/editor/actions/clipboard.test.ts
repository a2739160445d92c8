import { describe, expect, test } from 'vitest'
import { copy, paste } from '../../../../shared/editor/actions/clipboard'
import { place } from '../../../../shared/editor/actions/layout'
import { AT_ONCE_MS } from '../../at-once'
import { graphOf } from '../../../../shared/editor/faults'
import { practical, type2, written } from './drafts'

describe('copies', () => {
  test('go through the clipboard, into a place or beside', () => {
    const text = copy(place(practical, { 'relu-1': [50, 50] }), ['relu-1', 'linear-1'])
    expect(written(paste(type2, text, { at: [0, 10] }))).toBe(
      'relu-1(input) linear-1(relu-1) sum(input, linear-1) relu-2(?) linear-2(relu-2) → sum',
    )
    expect(paste(type2, text, { at: [0, 10] }).layout).toEqual({ 'relu-2': [0, 10], 'linear-2': [80, 10] })
    const inPlace = paste(type2, text, { after: 'linear-1' })
    expect(graphOf(inPlace)!.nodes.map(({ id }) => id)).toEqual([
      'relu-1',
      'linear-1',
      'relu-2',
      'linear-2',
      'sum',
    ])
  })

  const refused = 'clipboard: this text is not operations of a block. Copy some on the canvas first.'
  const nodes = [{ id: 'a', op: 'relu', inputs: [''] }]
  test.each([
    ['', refused],
    ['hello', refused],
    ['{', refused],
    ['[1, 2]', refused],
    ['{"nodes": []}', refused],
    ['{"__proto__": {"residualLab": "operations"}}', refused],
    [`{${'x'.repeat(10_000_000)}`, refused],
    [
      JSON.stringify({ residualLab: 'operations', version: 2, nodes }),
      'these operations come from another version',
    ],
    [
      JSON.stringify({ residualLab: 'operations', version: 1, nodes: [{ ...nodes[0], op: 'rleu' }] }),
      'clipboard.nodes[0].op: there is no operation "rleu". Did you mean "relu"?',
    ],
    [
      JSON.stringify({ residualLab: 'operations', version: 1, nodes: [{ ...nodes[0], inputs: ['b'] }] }),
      'clipboard.nodes[0].inputs[0]: there is no operation "b"',
    ],
    [
      '{"residualLab":"operations","version":1,"nodes":[{"id":"__proto__","op":"relu","inputs":[""]}]}',
      '"__proto__" cannot be an operation’s id',
    ],
  ])('garbage is refused: %.60s', (text, message) => {
    const start = performance.now()
    expect(() => paste(type2, text)).toThrow(message)
    expect(performance.now() - start).toBeLessThan(AT_ONCE_MS)
    expect({}).not.toHaveProperty('residualLab')
  })

  const copied = (fields: string) => `{"residualLab":"operations","version":1,${fields}}`
  const layoutOf = (value: string) => copied(`"nodes":${JSON.stringify(nodes)},"layout":${value}`)
  test('what the hostile texts are made of is a copy', () => {
    expect(paste(type2, layoutOf('{"a":[1,2]}')).nodes).toHaveLength(type2.nodes.length + 1)
    expect(paste(type2, ` \n${layoutOf('{}')}`).nodes).toHaveLength(type2.nodes.length + 1)
  })

  test.each([
    ['lists in lists', layoutOf(`{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`)],
    ['objects in objects', layoutOf(`${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`)],
    ['just too deep', layoutOf(`${'{"a":'.repeat(100)}1${'}'.repeat(100)}`)],
    ['nodes twice', copied(`"nodes":[],"nodes":${JSON.stringify(nodes)}`)],
    ['a field of a node twice', copied('"nodes":[{"id":"a","op":"relu","op":"tanh","inputs":[""]}]')],
    ['a position twice', layoutOf('{"a":[0,0],"a":[1,1]}')],
    ['a prototype', copied(`"__proto__":{"polluted":1},"nodes":${JSON.stringify(nodes)}`)],
    ['a prototype in other letters', layoutOf(String.raw`{"\u005f_proto__":{"polluted":1}}`)],
    ['a constructor', layoutOf('{"constructor":{"prototype":{"polluted":1}}}')],
    ['more than any block', layoutOf(`{"a":[0,0]}${' '.repeat(4_000_000)}`)],
    ['an object never closed', layoutOf('{"a":[0,0]').slice(0, -1)],
    ['nothing', 'null'],
    ['a word', '"residualLab"'],
  ])('hostile text is no copy: %s', (_, text) => {
    const start = performance.now()
    expect(() => paste(type2, text)).toThrow(refused)
    expect(performance.now() - start).toBeLessThan(AT_ONCE_MS)
    expect({}).not.toHaveProperty('polluted')
  })
})
