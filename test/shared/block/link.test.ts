import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PRESETS, presetNamed } from '../../../shared/block/presets'
import { addNode } from '../../../shared/editor/actions'
import { draftOf } from '../../../shared/block/draft'
import { graphOf } from '../../../shared/editor/faults'
import { BLOCK_LINK, decodeLink, encodeLink, isSharedBlock, sharedBlock } from '../../../shared/block/link'
import { judgesMutants } from '../../mutation/judge'
import { applyRandomEdit, randomEdits } from '../editor/edits'

const packed = (text: string | Buffer) => BLOCK_LINK + deflateRawSync(text).toString('base64url')

describe('links of blocks', () => {
  test('hold the block, in any writing', async () => {
    for (const preset of PRESETS) {
      const link = await encodeLink(preset)
      expect(link).toMatch(/^residual-lab:\/\/block\/[\w-]+$/)
      expect(link.length).toBeLessThan(700)
      expect(await decodeLink(link)).toEqual(preset)
    }
    const odd = {
      ...presetNamed('practical'),
      title: 'блок 🧪 "x" \\',
      layout: { sum: [1, -2.5] as [number, number] },
    }
    expect(await decodeLink(` ${await encodeLink(odd)}\n`)).toEqual(odd)
    // Systems change capitals and add a slash.
    const link = await encodeLink(odd)
    expect(await decodeLink(`${link.replace(BLOCK_LINK, 'Residual-Lab://BLOCK/')}/`)).toEqual(odd)
  })

  test('of whatever is drawn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...PRESETS), randomEdits(10), async (preset, edits) => {
        const graph = graphOf(edits.reduce(applyRandomEdit, draftOf(preset)))
        if (graph) expect(await decodeLink(await encodeLink(graph))).toEqual(graph)
      }),
      { numRuns: judgesMutants ? 15 : 150 },
    )
  })

  test.skipIf(judgesMutants)('as large as a block can be', async () => {
    let draft = draftOf(presetNamed('practical'))
    while (draft.nodes.length < 500) draft = addNode(draft, 'conv-2d', { after: 'sum' })
    const graph = graphOf(draft)!
    expect(await decodeLink(await encodeLink(graph))).toEqual(graph)
  })

  test('a block that is too large is a file', async () => {
    const noise = Array.from({ length: 500 }, (_, i) => ({
      id: `${i}${Array.from({ length: 90 }, () => Math.random().toString(36)[3] ?? 'x').join('')}`,
      op: 'identity' as const,
      inputs: ['input'] as [string],
    }))
    await expect(encodeLink({ ...presetNamed('practical'), nodes: noise })).rejects.toThrow(
      /^link: this block makes a link of \d{5} characters \(at most 32768\)\. Share it as a file\.$/,
    )
  })
})

describe('hostile links', () => {
  const text = JSON.stringify(presetNamed('practical'))
  test.each<[string, string]>([
    ['', 'link: this is not the link of a block. Links begin with residual-lab://block/.'],
    ['residual-lab://block/', 'this is not the link of a block'],
    ['residual-lab://run/abc', 'this is not the link of a block'],
    ['residual-lab://block/../../etc/passwd', 'this is not the link of a block'],
    ['residual-lab://block/abc?x=1', 'this is not the link of a block'],
    ['residual-lab://block/abc#x', 'this is not the link of a block'],
    ['javascript:alert(1)//residual-lab://block/abc', 'this is not the link of a block'],
    [
      `residual-lab://block/${'A'.repeat(40_000)}`,
      'it has 40021 characters (at most 32768). Ask for the block as a file.',
    ],
    [
      BLOCK_LINK + 'A'.repeat(32_768 - BLOCK_LINK.length),
      'it is damaged or cut off. Copy it again, as a whole.',
    ],
    ['residual-lab://block/A', 'it is damaged or cut off. Copy it again, as a whole.'],
    ['residual-lab://block/AAAA', 'it is damaged or cut off'],
    [packed(text).slice(0, -20), 'it is damaged or cut off'],
    [packed(Buffer.from([0xff, 0xfe, 0x00])), 'it is damaged or cut off'],
    [packed(Buffer.from([0xff])), 'link: it is damaged or cut off. Copy it again, as a whole.'],
    [packed('not json'), 'this is not a block’s JSON'],
    [packed('{'), 'The closing } is missing). Copy it again, as a whole.'],
    [packed('[]'), 'link: this is not a block graph'],
    [packed('{"__proto__":{"polluted":1}}'), '"__proto__" cannot be a field’s name'],
    [packed(text.replace('"relu"', '"eval"')), 'link.nodes[0].op: there is no operation "eval"'],
    [packed(text.replace('"input"', '"linear-2"')), 'link.nodes[0].inputs: "linear-2" is neither'],
    [packed('['.repeat(500_000)), 'nested more than 100 deep'],
  ])('%.50s is refused in one line', async (link, message) => {
    const error = await decodeLink(link).then(
      () => 'accepted',
      (refused: Error) => refused.message,
    )
    expect(error).toContain(message)
    expect(error).not.toContain('\n')
    expect({}).not.toHaveProperty('polluted')
  })

  test('a bomb is put out before it has unpacked', async () => {
    const bomb = packed(' '.repeat(20_000_000))
    expect(bomb.length).toBeLessThan(32_768)
    const start = performance.now()
    await expect(decodeLink(bomb)).rejects.toThrow(
      'link: it unpacks to more than a block can be. Do not trust whoever sent it.',
    )
    expect(performance.now() - start).toBeLessThan(1000)
  })

  test('random ones never get through, nor break anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.base64String(), async (payload) => {
        const link = BLOCK_LINK + payload.replace(/[+/=]/g, '-')
        await expect(decodeLink(link)).rejects.toThrow(/^link/)
      }),
      { numRuns: judgesMutants ? 30 : 300 },
    )
  })
})

describe('pasted texts', () => {
  test('are recognised', async () => {
    const json = JSON.stringify(presetNamed('practical'), null, 2)
    expect(isSharedBlock(json)).toBe(true)
    expect(isSharedBlock(' residual-lab://anything')).toBe(true)
    expect(isSharedBlock('{"version":1,"block":["practical"]}')).toBe(false)
    expect(isSharedBlock('hello')).toBe(false)
    expect(isSharedBlock(' \n{"output" : "a", "nodes" : []')).toBe(true)
    for (const other of [
      '{"nodes": []}',
      '{"output": ""}',
      '"nodes": [], "output": ""',
      'x{"nodes": [], "output": ""}',
    ])
      expect(isSharedBlock(other)).toBe(false)
    expect(await sharedBlock(json)).toEqual(presetNamed('practical'))
    await expect(sharedBlock(`{"nodes": [], "output": ""`)).rejects.toThrow(
      'text: this is not a block’s JSON',
    )
    await expect(sharedBlock(json + ' '.repeat(1_000_001))).rejects.toThrow(
      /^text: it has 1000\d{3} characters\. No block is that long\.$/,
    )
    const spaces = ' '.repeat(1_000_000 - json.length)
    expect(await sharedBlock(json + spaces)).toEqual(presetNamed('practical'))
  })
})
