import { choice, finiteNumber, listOf, show, wholeNumber } from '../base/check'
import { InputError } from '../base/errors'
import { parseBlockGraph } from '../block/file'
import { presetNamed } from '../block/presets'
import { remedyNamed } from '../block/remedies'
import type { Setting } from './table'

/** One setting's value, checked against the table. @throws InputError */
export function checkSetting(s: Setting, value: unknown, where: string): unknown {
  switch (s.type) {
    case 'integer':
      return wholeNumber(value, where, s)
    case 'number':
      return finiteNumber(value, where, s)
    case 'choice': {
      const values = s.choices.map((one) => one.value)
      return choice(value, where, values, `Give one of ${values.join(', ')}.`)
    }
    case 'numbers': {
      const what = `${show(value)} is not a list of at most ${s.most} numbers`
      const words = { least: 0, most: s.most, what, hint: 'Give numbers, with commas between.' }
      return listOf(value, where, words).map((one, i) => finiteNumber(one, `${where}[${i}]`, s))
    }
    case 'blocks': {
      if (!Array.isArray(value))
        throw new InputError(
          where,
          `${show(value)} is not a list of blocks`,
          'Give names of presets or block graphs.',
        )
      const blocks = value.map((block, i) =>
        typeof block === 'string' ? presetNamed(block, where).name : parseBlockGraph(block, `${where}[${i}]`),
      )
      // Curves are told apart by their block's name; the same preset twice is one curve.
      return blocks.filter((block, i) => typeof block !== 'string' || blocks.indexOf(block) === i)
    }
    case 'remedies': {
      if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
        throw new InputError(where, `${show(value)} is not a list of remedies`, 'Give names of remedies.')
      }
      return [...new Set(value.map((name: string) => remedyNamed(name, where).name))]
    }
  }
}
