/** Words of Python, and names that the code gives itself. */
const TAKEN = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in ' +
    'is lambda nonlocal not or pass raise return try while with yield None True False self super forward h x y z ' +
    'training parameters buffers modules children apply train eval float half type to'
  ).split(' '),
)

/**
 * A name that Python takes and no other of these has: "linear_1" of "linear-1".
 * @param taken is added to
 * @param words names that are not to be taken, either
 */
function pythonName(text: string, taken: Set<string>, words: ReadonlySet<string>): string {
  const bare = text.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_+|_+$/g, '')
  const word = /^[A-Za-z]/.test(bare) ? bare : `node_${bare}`
  const base = TAKEN.has(word) || words.has(word) ? `${word}_` : word
  for (let i = 1; ; i++) {
    const name = i === 1 ? base : `${base}_${i}`
    if (taken.has(name)) continue
    taken.add(name)
    return name
  }
}

/** Names of a part's nodes, by id. @param words what else they are not to be called */
export function pythonNames(ids: readonly string[], words: readonly string[] = []): Map<string, string> {
  const taken = new Set<string>()
  return new Map(ids.map((id) => [id, pythonName(id, taken, new Set(words))]))
}

/** What Keras and TensorFlow take as the name of a layer. */
const LAYER_NAME = /^[A-Za-z0-9.][\w.-]*$/

/**
 * Names for layers that Keras and TensorFlow take, by id: ids as they are where they will do.
 * @param words what else they are not to be called
 */
export function layerNames(ids: readonly string[], words: readonly string[] = []): Map<string, string> {
  const isTaken = (id: string) => LAYER_NAME.test(id) && !words.includes(id)
  const names = new Map(ids.filter(isTaken).map((id) => [id, id]))
  const taken = new Set(names.values())
  for (const id of ids) if (!names.has(id)) names.set(id, pythonName(id, taken, new Set(words)))
  return names
}

/** Words of JavaScript that are no names, and names that the code gives its values. */
const RESERVED = new Set(
  (
    'await break case catch class const continue debugger default delete do else enum export extends false finally ' +
    'for function if implements import in instanceof interface let new null package private protected public return ' +
    'static super switch this throw true try typeof undefined var void while with yield arguments eval h x y z'
  ).split(' '),
)

/**
 * Names of a part's nodes in JavaScript, by id: "linear1" of "linear-1".
 * @param words what else they are not to be called
 */
export function javaScriptNames(ids: readonly string[], words: readonly string[]): Map<string, string> {
  const taken = new Set(words)
  const nameOf = (id: string) => {
    const bare = id.replace(/[^A-Za-z0-9]+(.?)/g, (_, next: string) => next.toUpperCase())
    const word = /^[A-Za-z]/.test(bare) ? bare[0].toLowerCase() + bare.slice(1) : `node${bare}`
    const base = RESERVED.has(word) || taken.has(word) ? `${word}_` : word
    let name = base
    for (let i = 2; taken.has(name); i++) name = `${base}${i}`
    taken.add(name)
    return name
  }
  return new Map(ids.map((id) => [id, nameOf(id)]))
}

/** A text as Python and JavaScript write it. */
export const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`

/** In letters that every console shows, and on one line. */
export const ascii = (text: string): string =>
  text
    .replace(/√(\w+)/g, 'sqrt($1)')
    .replaceAll('√', 'sqrt ')
    .replace(/∜(\w+)/g, '$1^(1/4)')
    .replaceAll('×', 'x')
    .replaceAll('·', '*')
    .replaceAll('’', "'")
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()

/** What stands behind a line with a factor: how people write it, where that says more than its number. */
export function factorComment(text: string, number: string): string {
  const shown = ascii(text)
  return shown === number ? '' : shown
}

/** A text within a docstring of Python, or a comment of JavaScript, which it must not end. */
export const docstring = (text: string): string => ascii(text).replace(/["\\]/g, '').replaceAll('*/', '* /')

/** Lines of at most `width` letters. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
