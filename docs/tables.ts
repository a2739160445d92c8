import { chainText } from '../shared/block/chain-text'
import { PRESETS } from '../shared/block/presets'
import { rangeText } from '../shared/block/file'
import { REMEDIES } from '../shared/block/remedies'
import { SETTINGS } from '../shared/settings/table'
import { defaultExperiment } from '../shared/settings/table'
import { type Setting } from '../shared/settings/table'
import { NETWORKS, parameterCounts } from '../shared/experiment/preset-networks'
import { OPERATION_NAMES, operationOf } from '../shared/operations'
import type { Field } from '../shared/operations/operation'

/** The tables of the pages in docs/, out of the tables of the code. `npm run docs` writes them. */
export const TABLES: Record<string, () => string> = {
  operations: () =>
    table(
      ['op', 'inputs', 'fields', 'what it does'],
      OPERATION_NAMES.map((op) => {
        const { inputs, fields, definition } = operationOf({ op })
        return [code(op), String(inputs), fields.map(({ key }) => code(key)).join(', '), definition]
      }),
    ),

  fields: () => table(['field', 'value', 'left out', 'meaning'], fieldRows()),

  'signal options': () =>
    table(
      ['option', 'values', 'default', 'meaning'],
      SETTINGS.filter(({ group }) => group !== 'training').map((setting) => [
        code(`--${setting.option}`),
        valuesOf(setting),
        defaultOf(setting),
        meaningOf(setting),
      ]),
    ),

  'training settings': () =>
    table(
      ['option', 'in the file', 'values', 'default', 'meaning'],
      SETTINGS.filter(({ group }) => group === 'training').map((setting) => [
        code(`--${setting.option}`),
        code(setting.key),
        valuesOf(setting),
        defaultOf(setting),
        meaningOf(setting),
      ]),
    ),

  blocks: () =>
    table(
      ['name', 'title', 'block'],
      PRESETS.map((block) => [code(block.name), block.title, chainText(block)!]),
    ),

  remedies: () =>
    table(
      ['name', 'what it does'],
      REMEDIES.map(({ name, definition }) => [code(name), definition]),
    ),

  networks: () =>
    table(
      ['name', 'parameters', 'what it is'],
      NETWORKS.map(({ name, changes, description }) => {
        const [count] = parameterCounts({ ...defaultExperiment(), ...changes })
        return [code(name), count!.toLocaleString('en'), description]
      }),
    ),
}

const MARKED = /(<!-- generated: ([^>]+?) -->\n)[\s\S]*?(<!-- end -->)/g

/**
 * A page with each of its tables as it should be now: what stands between `<!-- generated: NAME -->` and `<!-- end
 * -->`.
 * @throws Error for a name that is not in TABLES
 */
export function refreshed(page: string): string {
  return page.replace(MARKED, (_all, start: string, name: string, end: string) => {
    const make = TABLES[name]
    if (!make)
      throw new Error(`There is no table "${name}". The tables are ${Object.keys(TABLES).join(', ')}.`)
    return `${start}\n${make()}\n\n${end}`
  })
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`.replace(/ {2,}/g, ' ')
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

const code = (text: string) => `\`${text}\``

/** One row for each field that an operation has; where operations mean different things by it, all of them. */
function fieldRows(): string[][] {
  const fields = OPERATION_NAMES.flatMap((op) => operationOf({ op }).fields)
  const keys = [...new Set(fields.map(({ key }) => key))]
  return keys.map((key) => {
    const alike = fields.filter((field) => field.key === key)
    const all = (text: (field: Field) => string) => [...new Set(alike.map(text))].join(' ')
    return [code(key), all(fieldValue), all(leftOut), all(({ definition }) => definition)]
  })
}

const KINDS: Partial<Record<Field['type'], string>> = {
  switch: 'true or false',
  text: 'a text',
  numbers: 'a list of finite numbers',
}
const fieldValue = (field: Field) => KINDS[field.type] ?? rangeText(field)

function leftOut({ optional, type, default: value }: Field): string {
  if (optional) return JSON.stringify(value)
  return type === 'text' ? '""' : 'must be there'
}

function valuesOf(setting: Setting): string {
  switch (setting.type) {
    case 'choice':
      return setting.choices.map(({ value }) => code(value)).join(', ')
    case 'blocks':
      return 'names or files, with commas between'
    case 'remedies':
      return 'names, with commas between'
    case 'numbers': {
      const range = `from ${grouped(setting.minimum)} to ${grouped(setting.maximum)}`
      return `up to ${setting.most} numbers ${range}, with commas between`
    }
    default: {
      const kind = setting.type === 'integer' ? 'a whole number' : 'a number'
      return `${kind} from ${grouped(setting.minimum)} to ${grouped(setting.maximum)}`
    }
  }
}

const grouped = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 6 })

function defaultOf({ default: value }: Setting): string {
  if (typeof value === 'number') return String(value)
  return (typeof value === 'string' ? [value] : value.map(String)).map(code).join(', ')
}

function meaningOf(setting: Setting): string {
  const choices = setting.type === 'choice' ? setting.choices : []
  return [
    setting.definition,
    ...choices.map(({ value, definition }) => `${code(value)}: ${definition}`),
  ].join(' ')
}
