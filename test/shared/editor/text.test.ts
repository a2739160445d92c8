import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { place } from '../../../shared/editor/actions'
import { END, draftOf } from '../../../shared/block/draft'
import { readJson } from '../../../shared/base/json'
import { parseDraft } from '../../../shared/block/draft-file'
import { draftFromText, draftText, placeOfName, renamedText } from '../../../shared/editor/text'
import { draftIn, editBlock, startFrom } from '../../../shared/editor/experiment'
import { graphOf } from '../../../shared/editor/faults'
import { openingExperiment, parseExperiment } from '../../../shared/experiment/experiment'
import { AT_ONCE_MS } from '../at-once'
import { parseBlockGraph } from '../../../shared/block/file'

const type2 = draftOf(presetNamed('relu-linear'))
const text = draftText(type2)
const problem = (changed: string) => draftFromText(changed).problem

describe('the text form', () => {
  test('has one operation a line, and is a block file', () => {
    expect(text).toBe(`{
  "name": "relu-linear",
  "title": "Type 2: ReLU, then linear",
  "description": ${JSON.stringify(type2.description)},
  "nodes": [
    { "id": "relu-1", "op": "relu", "inputs": ["input"] },
    { "id": "linear-1", "op": "linear", "inputs": ["relu-1"], "units": 1 },
    { "id": "sum", "op": "sum", "inputs": ["input", "linear-1"] }
  ],
  "output": "sum"
}
`)
  })

  test('a changed preset gets a name of its own in the text too, and what is written next is read', () => {
    const first = text.replace('"op": "relu"', '"op": "gelu"')
    const given = draftFromText(first).draft!
    const once = editBlock(openingExperiment(), () => given)
    const written = renamedText(first, given, draftIn(once))
    expect(written.text).toBe(
      first
        .replace('"relu-linear"', '"my-block"')
        .replace('"Type 2: ReLU, then linear"', '"My block"')
        .replace(JSON.stringify(type2.description), '""'),
    )
    const before = ['"version"', '"gelu"', '"output"']
      .map((word) => first.indexOf(word))
      .filter((at) => at > 0)
    for (const at of before)
      expect(written.text.slice(written.moved(at), written.moved(at) + 6)).toBe(first.slice(at, at + 6))
    const second = written.text.replace('"gelu"', '"silu"')
    const twice = editBlock(once, () => draftFromText(second).draft!)
    expect(draftText(draftIn(twice))).toBe(second)
    expect(placeOfName(second)).toEqual({ line: 2, column: 11 })
    expect(renamedText(second, given, given).text).toBe(second)
  })

  test('keeps names in any writing, and positions', () => {
    const draft = place(
      { ...type2, name: 'блок "ß"\\n', title: '\u2028 \u{1f600}' },
      { sum: [1.5, -2], [END]: [9, 9] },
    )
    expect(draftFromText(draftText(draft))).toEqual({ draft, problem: null })
  })

  // ‸ is where the problem is.
  test.each([
    ['"units": 1', '"units": ‸17', 'block.nodes[1].units: 17 is not a number that fits.'],
    ['"units": 1', '"unit": ‸1', 'block.nodes[1].unit: there is no such field. Did you mean "units"?'],
    ['"relu"', '‸"rleu"', 'block.nodes[0].op: there is no operation "rleu". Did you mean "relu"?'],
    ['["relu-1"]', '[‸"relu"]', 'block.nodes[1].inputs[0]: there is no operation "relu".'],
    ['["relu-1"]', '‸"relu-1"', 'block.nodes[1].inputs: linear takes 1 input.'],
    ['"linear-1", "op"', '‸"relu-1", "op"', 'block.nodes[1].id: "relu-1" is used twice.'],
    ['"name": "relu-linear"', '"name": ‸""', 'block.name: a name of 1 to 100 characters is missing.'],
    ['"output": "sum"', '"version": ‸2', 'block.version: version 2 is not known here'],
    ['"output": "sum"', '"output": "sum"‸,', 'There is a comma too many.'],
    ['"output": "sum"', '"output" ‸"sum"', 'A : is missing.'],
    ['"output": "sum"', '"output": ‸sum', '“sum” is no value: texts stand in double quotes.'],
    ['"output": "sum"', '"output": ‸"sum', 'This text has no closing quote on its line.'],
    ['"output": "sum"', '"output": ‸"su\\m"', 'There is a backslash in this text that means nothing.'],
    ['"output": "sum"', '‸"name": "sum"', 'The field "name" is there twice.'],
    ['"output": "sum"', '‸"__proto__": {}', '"__proto__" cannot be a field’s name.'],
    ['{ "id": "relu-1"', '[ "id"‸: "relu-1"', 'A comma or ] is missing.'],
    [',\n  "output"', '\n  ‸"output"', 'A comma or } is missing.'],
    ['"sum"\n}', '"sum"\n}‸}', 'There is something behind the end.'],
    ['"units": 1', '"units": ‸01', '“01” is no value'],
    ['"units": 1 }', '"units": ‸}', 'A value is missing.'],
  ])('%j → %j is pointed at', (before, after, message) => {
    expect(text).toContain(before)
    const marked = text.replace(before, after)
    const lines = marked.slice(0, marked.indexOf('‸')).split('\n')
    const found = problem(marked.replace('‸', ''))!
    expect(found.text).toContain(message)
    expect(`${found.line}:${found.column}`).toBe(`${lines.length}:${lines.at(-1)!.length + 1}`)
  })

  test('a bracket that is never closed is pointed at where it opens', () => {
    expect(problem(text.slice(0, -2))).toEqual({ text: 'The closing } is missing.', line: 1, column: 1 })
  })

  test('no text, no brackets, and too many', () => {
    expect(problem('')).toEqual({ text: 'The text ends too early.', line: 1, column: 1 })
    expect(problem('[]')!.text).toContain(
      'block: this is not a block (an object with name, nodes and output).',
    )
    expect(problem('['.repeat(100_000))!.text).toBe('This is nested more than 100 deep.')
  })

  test('10 MB of noise is refused at once', () => {
    const start = performance.now()
    for (const noise of ['x'.repeat(10_000_000), `"${'\\'.repeat(10_000_000)}`, '{"a":'.repeat(2_000_000)])
      expect(problem(noise)!.text).toMatch(/has 10\.0 million characters; no block is that long\.$/)
    expect(performance.now() - start).toBeLessThan(AT_ONCE_MS)
  })

  test('JSON is read as JSON.parse reads it', () => {
    const samples = [
      '[1, -2.5e3, true, null, "a\\u00e9\\n", {"b": []}]',
      ' 0 ',
      '{"a":{"b":[{}]}}',
      '"\\\\"',
      '-0',
    ]
    for (const sample of samples) expect(readJson(sample).value).toEqual(JSON.parse(sample))
  })
})

describe('drafts from files', () => {
  const refused = (value: unknown) => {
    const start = performance.now()
    try {
      parseDraft(value, 'file.json')
      return 'accepted'
    } catch (error) {
      expect(performance.now() - start).toBeLessThan(AT_ONCE_MS)
      return (error as Error).message
    }
  }
  test('circles and loose ends are drafts', () => {
    const nodes = [
      { id: 'a', op: 'relu', inputs: ['b'] },
      { id: 'b', op: 'relu', inputs: ['a'] },
      { id: 'c', op: 'sum', inputs: ['', ''] },
    ]
    expect(refused({ name: 'x', nodes, output: '' })).toBe('accepted')
  })

  test.each([
    [
      null,
      'file.json: this is not a block (an object with name, nodes and output). See docs/block-files.md for the form.',
    ],
    [JSON.parse('{"__proto__": {"name": "x"}}'), 'file.json.__proto__: there is no such field'],
    [
      { ...type2, version: 7 },
      'file.json.version: version 7 is not known here (this program reads version 1).',
    ],
    [{ ...type2, nodes: 'x'.repeat(10_000_000) }, 'file.json.nodes: a list of operations is missing'],
    [
      { ...type2, nodes: new Array(100_000).fill(type2.nodes[0]) },
      '100000 operations are too many. A block has at most 500',
    ],
    [
      { ...type2, title: 'x'.repeat(10_000_000) },
      'file.json.title: this is not a text of at most 200 characters',
    ],
    [{ ...type2, ['x'.repeat(1_000_000)]: 1 }, 'there is no such field'],
    [
      { ...type2, layout: { sum: [1, NaN] } },
      'file.json.layout.sum: this list is not a position. Give [x, y].',
    ],
    [{ ...type2, output: 'x'.repeat(1_000_000) }, 'file.json.output: there is no operation "xxxx'],
    [
      { ...type2, nodes: [{ id: 'constructor', op: 'relu', inputs: [''] }] },
      '"constructor" cannot be an operation’s id',
    ],
    [
      { ...type2, nodes: [{ id: 'a', op: 'x'.repeat(1_000_000), inputs: [''] }] },
      'there is no operation "xxxx',
    ],
  ])('%.50j is refused in one line', (value, message) => {
    const found = refused(value)
    expect(found).toContain(message)
    expect(found.length).toBeLessThan(700)
    expect(found).not.toContain('\n')
  })

  test('every block that a file may hold can be edited, and its draft be read again', () => {
    const inputs = ['input', '__proto__', 'constructor', 'prototype']
    const nodes = [...inputs.slice(1), '@end'].map((id, i) => ({ id, op: 'relu', inputs: [inputs[i]] }))
    const layout = JSON.parse('{"__proto__": [1, 2], "@end": [3, 4]}')
    const graph = parseBlockGraph({ name: '  ', nodes, output: '@end', layout }, 'file')
    const draft = draftOf(graph)
    expect(draft.nodes.map(({ id }) => id)).toEqual(['relu-1', 'relu-2', 'relu-3', 'relu-4'])
    expect(draft.layout).toEqual({ 'relu-1': [1, 2], 'relu-4': [3, 4] })
    expect(draft.output).toBe('relu-4')
    expect(graphOf(draft)).not.toBeNull()
    expect(draftFromText(draftText(draft))).toEqual({ draft, problem: null })
    const broken = editBlock(startFrom(openingExperiment(), graph), (d) => ({ ...d, output: '' }))
    expect(broken.draft).toBeDefined()
    expect(parseExperiment(JSON.parse(JSON.stringify(broken)))).toEqual(broken)
  })

  test('in an experiment they are its section', () => {
    const draft = { ...type2, output: '' }
    const experiment = parseExperiment({ draft: { of: 'relu-linear', draft } })
    expect(experiment.draft).toEqual({ of: 'relu-linear', draft })
    expect(() => parseExperiment({ draft: { of: 'relu-linear', draft: { ...draft, output: 'x' } } })).toThrow(
      'experiment.draft.draft.output: there is no operation "x".',
    )
    expect(() => parseExperiment({ draft: [] })).toThrow('experiment.draft: this is not an edited block')
  })
})
