import { loadavg } from 'node:os'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonError, lineAndColumn, readJson } from '../../../shared/base/json'
import { judgesMutants } from '../../mutation/judge'

const errorOf = (text: string) => {
  try {
    readJson(text)
    return null
  } catch (error) {
    if (error instanceof JsonError) return { message: error.message, at: error.at }
    throw error
  }
}

test('any JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
      const text = JSON.stringify(JSON.parse(json), null, space)
      // Names that would reach an object's prototype are refused, which has a test of its own.
      fc.pre(!/"(__proto__|constructor|prototype)":/.test(text))
      expect(readJson(text).value).toEqual(JSON.parse(text))
    }),
  )
})

test('what JSON.parse refuses is refused, whatever is cut out of a text', () => {
  const text = JSON.stringify({ a: [1, -2.5e3, { b: 'x"\\u00e9' }], c: null, d: true }, null, 1)
  const size = text.length
  fc.assert(
    fc.property(
      fc.nat(size),
      fc.nat(4),
      fc.constantFrom('', '}', ']', ',', ':', '"', '0', 'x', '\n'),
      (at, n, by) => {
        const changed = text.slice(0, at) + by + text.slice(at + n)
        let isJson = true
        try {
          JSON.parse(changed)
        } catch {
          isJson = false
        }
        const found = errorOf(changed)
        if (isJson) expect(found === null || /is there twice/.test(found.message)).toBe(true)
        else expect(found).not.toBeNull()
        if (found) expect(found.at).toBeLessThanOrEqual(changed.length)
      },
    ),
    { numRuns: judgesMutants ? 200 : 2000 },
  )
})

describe('what is wrong, and after how many characters', () => {
  test.each([
    ['{"a" 1}', 'A : is missing', 5],
    ['{a: 1}', 'A field’s name in double quotes is missing', 1],
    ['{"a": 1,}', 'There is a comma too many', 7],
    ['[1, ]', 'There is a comma too many', 2],
    ['[1 2]', 'A comma or ] is missing', 3],
    ['[1.2.3]', '“1.2.3” is no value: texts stand in double quotes', 1],
    ['[1e]', '“1e” is no value: texts stand in double quotes', 1],
    ['// x', '“//” is no value: texts stand in double quotes', 0],
    ['{"a": }', 'A value is missing', 6],
    ['[1,', 'The text ends too early', 3],
    ['{"a": [1}', 'A comma or ] is missing', 8],
    ['{"a": [1', 'The closing ] is missing', 6],
    ['"a\tb"', 'This text has no closing quote on its line', 0],
    ['"\\u12"', 'There is a backslash in this text that means nothing', 0],
    ['1 1', 'There is something behind the end', 2],
    ['{"constructor": 1}', '"constructor" cannot be a field’s name', 1],
    [`${'['.repeat(101)}1`, 'This is nested more than 100 deep', 101],
  ])('%s', (text, message, at) => expect(errorOf(text)).toEqual({ message, at }))
})

describe('what is wrong, where nearly nothing is there or two things are wrong', () => {
  const noValue = (word: string) => `“${word}” is no value: texts stand in double quotes`
  const noName = 'A field’s name in double quotes is missing'
  test.each<[string, string, number]>([
    ['', 'The text ends too early', 0],
    ['   ', 'The text ends too early', 3],
    ['{"a":', 'The text ends too early', 5],
    ['{', 'The closing } is missing', 0],
    ['[', 'The closing ] is missing', 0],
    ['[1, 2', 'The closing ] is missing', 0],
    ['{"a": {"b": 1}', 'The closing } is missing', 0],
    ['[[1]', 'The closing ] is missing', 0],
    ['{"a":[', 'The closing ] is missing', 5],
    ['[,1]', 'A value is missing', 1],
    ['[ , ]', 'A value is missing', 2],
    [']', 'A value is missing', 0],
    ['}', 'A value is missing', 0],
    [':', 'A value is missing', 0],
    ['[}', 'A value is missing', 1],
    ['{"a": [1,, 2]}', 'A value is missing', 9],
    ['{]', noName, 1],
    ['{,}', noName, 1],
    ['{:1}', noName, 1],
    ['{1:2}', noName, 1],
    ['{"a":1,,}', noName, 7],
    ['{"a":1,', noName, 7],
    ['[1,\n]', 'There is a comma too many', 2],
    ['[1,]]', 'There is a comma too many', 2],
    ['{"a":1,}x', 'There is a comma too many', 6],
    ['{"a":1\n,\n}', 'There is a comma too many', 7],
    ['[1}', 'A comma or ] is missing', 2],
    ['[1 x]', 'A comma or ] is missing', 3],
    ['[1 [2]]', 'A comma or ] is missing', 3],
    ['{"a": 1 {}}', 'A comma or } is missing', 8],
    ['{[1]: 2}', noName, 1],
    ['{"a":1]', 'A comma or } is missing', 6],
    ['{"a":1 "b":2}', 'A comma or } is missing', 7],
    ['{"a"', 'A : is missing', 4],
    ['{"a"}', 'A : is missing', 4],
    ['{"a",}', 'A : is missing', 4],
    ['{"a"; 1}', 'A : is missing', 4],
    ['{"a" "b"}', 'A : is missing', 5],
    ['{"a":1,"b"}', 'A : is missing', 10],
    ['"a" "b"', 'There is something behind the end', 4],
    ['1 {}', 'There is something behind the end', 2],
    ['1 }', 'There is something behind the end', 2],
    ['[1] ]', 'There is something behind the end', 4],
    ['[1],', 'There is something behind the end', 3],
    ['{"a":1}}', 'There is something behind the end', 7],
    ['null x', 'There is something behind the end', 5],
    ['nul', noValue('nul'), 0],
    ['[1x]', noValue('1x'), 1],
    ['[tru e]', noValue('tru'), 1],
    ['[undefined]', noValue('undefined'), 1],
    ['{"a":NaN}', noValue('NaN'), 5],
    ['{"a":1;}', noValue('1;'), 5],
    ["['a']", noValue("'a'"), 1],
    ['[01]', noValue('01'), 1],
    ['[+1]', noValue('+1'), 1],
    ['[1.]', noValue('1.'), 1],
    ['[.5]', noValue('.5'), 1],
    ['-', noValue('-'), 0],
    ['[-]', noValue('-'), 1],
    ['[1e+]', noValue('1e+'), 1],
    ['/* x */ 1', noValue('/*'), 0],
    ['x'.repeat(50), noValue('x'.repeat(40)), 0],
    ['"abc', 'This text has no closing quote on its line', 0],
    ['"a\nb"', 'This text has no closing quote on its line', 0],
    ['"\\x"', 'There is a backslash in this text that means nothing', 0],
    ['{"\\q": 1}', 'There is a backslash in this text that means nothing', 1],
    ['{"prototype":1}', '"prototype" cannot be a field’s name', 1],
    ['{"constructor":1,}', '"constructor" cannot be a field’s name', 1],
    ['{"a": 1, "b": 2, "a": 3}', 'The field "a" is there twice', 17],
    [`{"${'n'.repeat(70)}":1,"${'n'.repeat(70)}":2}`, `The field "${'n'.repeat(60)}" is there twice`, 76],
    [`${'{"a":'.repeat(101)}1${'}'.repeat(101)}`, 'This is nested more than 100 deep', 505],
    [`${'['.repeat(101)}"a"${']'.repeat(101)}`, 'This is nested more than 100 deep', 101],
    [`${'[1, '.repeat(101)}2${']'.repeat(101)}`, 'This is nested more than 100 deep', 401],
    [`${'[true, {"a": '.repeat(51)}2${'}]'.repeat(51)}`, 'This is nested more than 100 deep', 50 * 13 + 1],
    [`${'['.repeat(101)}[]${']'.repeat(101)}`, 'This is nested more than 100 deep', 101],
  ])('%s', (text, message, at) => expect(errorOf(text)).toEqual({ message, at }))

  test('what is as deep as is allowed is read, and brackets in texts are not deep', () => {
    const around = (depth: number, inner: string) => '['.repeat(depth) + inner + ']'.repeat(depth)
    const texts = [around(100, '1'), around(100, '"a"'), around(100, '{}'), around(101, '')]
    for (const text of [...texts, `"${'['.repeat(200)}"`, `"\\"${'['.repeat(200)}"`])
      expect(readJson(text).value).toEqual(JSON.parse(text))
  })
})

test('line and column count from 1', () => {
  expect(lineAndColumn('ab\ncd', 0)).toEqual({ line: 1, column: 1 })
  expect(lineAndColumn('ab\ncd', 2)).toEqual({ line: 1, column: 3 })
  expect(lineAndColumn('ab\ncd', 4)).toEqual({ line: 2, column: 2 })
})

test('the place of a value by its path; of one that is not there, the value around it', () => {
  const text = '{"a": [1, {"b.c": 2, "b": {"c": 3}}], "": 4}'
  const { find } = readJson(text)
  expect(find('')).toEqual({ at: 0, rest: '' })
  expect(find('.a[0]')).toEqual({ at: text.indexOf('1'), rest: '' })
  expect(find('.a[1].b.c')).toEqual({ at: text.indexOf('2'), rest: '' })
  expect(find('.a[1].b.d')).toEqual({ at: text.indexOf('{"c"'), rest: '.d' })
  expect(find('.a[2].b')).toEqual({ at: text.indexOf('[1'), rest: '[2].b' })
  expect(find('.')).toEqual({ at: text.indexOf('4'), rest: '' })
})

test('places in a text with spaces, escapes and brackets inside of texts', () => {
  const text =
    ' { "a" : [ 10 , { "b" : "x\\"]}" , "c" : [ ] } , -1.5e3 , "]" ] ,\n"\\u0064" : true , "e\\\\" : {} } '
  const { find } = readJson(text)
  const at = (part: string) => text.indexOf(part)
  expect(find('')).toEqual({ at: 1, rest: '' })
  expect(find('.a')).toEqual({ at: at('['), rest: '' })
  expect(find('.a[0]')).toEqual({ at: at('10'), rest: '' })
  expect(find('.a[1].b')).toEqual({ at: at('"x'), rest: '' })
  expect(find('.a[1].c')).toEqual({ at: at('[ ]'), rest: '' })
  expect(find('.a[1].c[0]')).toEqual({ at: at('[ ]'), rest: '[0]' })
  expect(find('.a[2]')).toEqual({ at: at('-1.5'), rest: '' })
  expect(find('.a[3]')).toEqual({ at: at('"]"'), rest: '' })
  expect(find('.a[4]')).toEqual({ at: at('[ 10'), rest: '[4]' })
  expect(find('.a.b')).toEqual({ at: at('[ 10'), rest: '.b' })
  expect(find('.a[x]')).toEqual({ at: at('[ 10'), rest: '[x]' })
  expect(find('.d')).toEqual({ at: at('true'), rest: '' })
  expect(find('.d[0]')).toEqual({ at: at('true'), rest: '[0]' })
  expect(find('.e\\')).toEqual({ at: at('{}'), rest: '' })
  expect(find('.e')).toEqual({ at: 1, rest: '.e' })
  expect(find('[0]')).toEqual({ at: 1, rest: '[0]' })
  expect(find('.aa')).toEqual({ at: 1, rest: '.aa' })
})

test('of two names that fit, the longer one is meant, whichever comes first', () => {
  const longFirst = readJson('{"b.c": 1, "b": {"c": 2}}')
  const shortFirst = readJson('{"b": {"c": 2}, "b.c": 1}')
  expect(longFirst.find('.b.c')).toEqual({ at: 8, rest: '' })
  expect(shortFirst.find('.b.c')).toEqual({ at: 23, rest: '' })
})

test('an index counts from 0 to the end of its own list, with any number of digits', () => {
  const text = `{"few": [1], "many": [${Array.from({ length: 20 }, (_, i) => `"v${i}"`).join(', ')}]}`
  const { find } = readJson(text)
  expect(find('.many[1]')).toEqual({ at: text.indexOf('"v1"'), rest: '' })
  expect(find('.many[12]')).toEqual({ at: text.indexOf('"v12"'), rest: '' })
  expect(find('.many[1234567890]')).toEqual({ at: text.indexOf('["v0"'), rest: '[1234567890]' })
  expect(find('.few[1]')).toEqual({ at: text.indexOf('[1]'), rest: '[1]' })
  expect(find('.few.name[0]')).toEqual({ at: text.indexOf('[1]'), rest: '.name[0]' })
})

test('an error says whose it is', () => {
  expect(() => readJson('{"a" 1}')).toThrow(JsonError)
  expect(String(new JsonError('A : is missing', 5))).toBe('JsonError: A : is missing')
})

test('a byte-order mark is no part of a text, and moves no place', () => {
  expect(readJson('\uFEFF{"a": 1}').value).toEqual({ a: 1 })
  expect(readJson('\uFEFF{"a": 1}').find('.a')).toEqual({ at: 7, rest: '' })
  expect(errorOf('\uFEFF{"a" 1}')).toEqual({ message: 'A : is missing', at: 6 })
  expect(errorOf('\uFEFF\uFEFF1')).not.toBeNull()
})

test.each(['{"a": 1, "a": 2}', '{"a": 1, "\\u0061": 2}', '[{"b": {}, "b": {}}]'])(
  'a field that is there twice is refused: %s',
  (text) => expect(errorOf(text)!.message).toMatch(/^The field "." is there twice$/),
)

test('a name that is there twice does nothing to the line that tells of it', () => {
  expect(errorOf('{"a\\n\\u001b[2J": 1, "a\\n\\u001b[2J": 2}')!.message).toBe(
    'The field "a [2J" is there twice',
  )
})

test('names that would reach a prototype are refused however they are written, also as deep as is allowed', () => {
  expect(errorOf('{"\\u005f_proto__": 1}')!.message).toBe('"__proto__" cannot be a field’s name')
  expect(errorOf(`${'['.repeat(99)}{"prototype": 1}${']'.repeat(99)}`)).not.toBeNull()
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

describe.skipIf(judgesMutants)(
  'what reading costs grows with the length of a text alone: at most 100 ms and 50 MB for each MB',
  () => {
    const MB = 1e6
    const k = 'k'.repeat(10_000)
    const shapes: [string, string][] = [
      ['one long name', `{"${'k'.repeat(MB)}": 1}`],
      ['many long names', `{${Array.from({ length: 100 }, (_, i) => `"${i}${k}":1`).join()}}`],
      ['long names in each other', `${`{"${k}":`.repeat(99)}0${'}'.repeat(99)}`],
      ['a long name around many values', `{"${'k'.repeat(MB / 2)}": [${'0,'.repeat(MB / 4)}0]}`],
      ['deep lists', '['.repeat(MB / 2) + ']'.repeat(MB / 2)],
      ['deep objects that never end', '{"a":'.repeat(MB / 5)],
      ['a wide list', `[${'0,'.repeat(MB / 2 - 1)}0]`],
      ['a wide list without its end', `[${'0,'.repeat(MB / 2 - 1)}0`],
      ['a wide list of lists', `[${'[],'.repeat(MB / 3)}0]`],
      ['many small objects', `[${'{"a":1},'.repeat(MB / 8)}0]`],
      ['many fields', `{${Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join()}}`],
      ['a field many times', `{${'"a":1,'.repeat(MB / 6)}"b":1}`],
      ['a long text', `"${'x'.repeat(MB)}"`],
      ['escapes', `"${'\\u0041'.repeat(MB / 6)}"`],
      ['a long number', '1'.repeat(MB)],
      ['many numbers', `[${'1e5,'.repeat(MB / 4)}1]`],
      ['spaces', `[1${' '.repeat(MB)}]`],
      ['lines, and then something wrong', `[1${'\n'.repeat(MB)}x]`],
      ['quotes', '"'.repeat(MB)],
      ['backslashes', `"${'\\'.repeat(MB)}`],
      ['commas', ','.repeat(MB)],
      ['colons', `{${':'.repeat(MB)}}`],
    ]

    const TRIES = 30
    const paths = ['.nodes[3].op', '.k79999', '[999999]']

    /** Reads, then looks for one place, as whoever refuses a document does. */
    function cost(text: string, path: string) {
      const before = process.memoryUsage().heapUsed
      const start = process.cpuUsage()
      let memory: number
      try {
        const read = readJson(text)
        memory = process.memoryUsage().heapUsed - before
        read.find(path)
      } catch (error) {
        if (!(error instanceof JsonError)) throw error
        memory = process.memoryUsage().heapUsed - before
        lineAndColumn(text, error.at)
      }
      const { user, system } = process.cpuUsage(start)
      return { ms: (user + system) / 1000, memory }
    }

    /** The budget is a quiet machine's: where several programs want to run, caches and memory are shared too. */
    const slowness = () => Math.max(1, loadavg()[0])

    test.each(shapes)('%s', (_, text) => {
      const megabytes = text.length / MB
      for (const path of paths) {
        let [ms, memory] = [Infinity, Infinity]
        // One good run is enough: garbage of the runs before is collected when it pleases.
        for (let i = 0; i < TRIES && (ms >= 100 || memory >= 50); i++) {
          const run = cost(text, path)
          ms = Math.min(ms, run.ms / megabytes / slowness())
          memory = Math.min(memory, run.memory / megabytes / 2 ** 20)
        }
        expect(ms).toBeLessThan(100)
        expect(memory).toBeLessThan(50)
      }
    })
  },
)
