import { expect, test, vi } from 'vitest'
import { LibraryModel } from '../../../../renderer/views/block/library-model.svelte'
import type { Connection } from '../../../../renderer/base/connection'
import { BlockLibrary } from '../../../../renderer/state/block-library.svelte'
import { blockText, Exports } from '../../../../renderer/state/export'
import { decodeLink, encodeLink, sharedBlock } from '../../../../shared/block/link'
import { presetNamed } from '../../../../shared/block/presets'
import type { RequestBody } from '../../../../shared/protocol/protocol'

const block = presetNamed('practical')

function opened(refusal = '') {
  const requests: RequestBody[] = []
  const request = (one: RequestBody) => {
    requests.push(one)
    if (refusal && one.type !== 'library.list') return Promise.reject(new Error(refusal))
    return Promise.resolve(
      one.type === 'library.list' ? { blocks: [], problems: [] } : { block: { ...block, name: 'mine-2' } },
    )
  }
  const library = new BlockLibrary({ request } as unknown as Connection, (text) => sharedBlock(text))
  const exports = new Exports(
    () => Promise.resolve(),
    () => {},
  )
  const close = vi.fn()
  return { model: new LibraryModel(library, exports, close), library, exports, close, requests }
}

test('a block is saved under the name that the library gives it, and that is said', async () => {
  const { model, requests } = opened()
  await model.save(block, 'an-id')
  expect(requests[0]).toMatchObject({ type: 'library.save', replace: 'an-id' })
  expect([model.said, model.problem]).toEqual(['Saved mine-2.', null])
})

test('a name that is refused stays to be mended; one that is taken is gone', async () => {
  const refused = opened('There is a block of this name. Choose another.')
  refused.model.write('an-id', ' taken ')
  await refused.model.rename()
  expect(refused.model.problem).toBe('There is a block of this name. Choose another.')
  expect(refused.model.renamed).toEqual({ id: 'an-id', name: ' taken ' })

  const { model, requests } = opened()
  model.write('an-id', ' free ')
  await model.rename()
  expect(requests[0]).toMatchObject({ type: 'library.rename', block: 'an-id', name: ' free ' })
  expect([model.said, model.renamed]).toEqual(['Renamed to free.', null])
})

test('text and link of a block are copied whole; a refused clipboard is a problem', async () => {
  const { model, exports } = opened()
  const copied = vi.spyOn(exports, 'copy').mockResolvedValue()
  await model.copyText(block)
  expect([copied.mock.lastCall![0], model.said]).toEqual([blockText(block), `Copied ${block.name} as text.`])
  await model.copyLink(block)
  expect(await decodeLink(copied.mock.lastCall![0])).toMatchObject({ nodes: block.nodes })
  expect(model.said).toBe(`Copied a link that holds ${block.name}.`)

  copied.mockRejectedValue(new Error('The link could not be copied: denied.'))
  await model.copyLink(block)
  expect([model.said, model.problem]).toEqual(['', 'The link could not be copied: denied.'])
})

test('a link or a text from elsewhere closes the dialog for its question; a damaged one does not', async () => {
  const { model, library, close } = opened()
  await model.offer((await encodeLink(block)).slice(0, -9))
  expect(model.problem).toBe('link: it is damaged or cut off. Copy it again, as a whole.')
  expect(close).not.toHaveBeenCalled()
  await model.offer(await encodeLink(block))
  expect([library.offered?.from, model.problem]).toEqual(['a link', null])
  // It is asked about when the one before it has been answered.
  await model.offer(blockText(block))
  expect(library.offered?.from).toBe('a link')
  library.answered()
  expect(library.offered?.from).toBe('a text')
  expect(close).toHaveBeenCalledTimes(2)
})
