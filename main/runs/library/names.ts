import * as fs from 'node:fs'
import * as path from 'node:path'

const WORDS =
  'alder amber aspen aster birch bramble briar cedar clover coral cypress daisy dune elder ember fern fir flint ' +
  'garnet ginger grove hazel heath heron holly iris ivy jade jasper juniper kelp larch laurel lichen lilac linden ' +
  'lotus maple marble meadow mint moss myrtle nettle oak olive onyx opal orchid otter pebble pine poppy quartz reed ' +
  'robin rowan rush sage sedge slate sorrel spruce swan thistle thyme tulip umber violet walnut willow wren yarrow yew'

const ALL = WORDS.split(' ')

/** Prime, so that words come again as late as they can, and not in the order of the alphabet. */
const STRIDE = 31

/** Other processes may take numbers at the same time; so many in a row they do not. */
const MOST_TRIES = 1000

/**
 * Makes the folder of a new run, which nobody else can have made: its name is a word and the next number.
 * @param taken ids that are there @param wanted an id to take where it is free
 * @throws Error of the system
 */
export function makeRunFolder(library: string, taken: Iterable<string>, wanted?: string): string {
  let number = 1
  for (const id of taken) number = Math.max(number, Number(id.slice(id.lastIndexOf('-') + 1)) + 1)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const isWanted = tries === 0 && wanted !== undefined
    const id = isWanted ? wanted : `${ALL[(number * STRIDE) % ALL.length]}-${number++}`
    try {
      fs.mkdirSync(path.join(library, id), { mode: 0o700 })
      return id
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  throw new Error('no name is free')
}
