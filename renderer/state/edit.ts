import { InputError } from '../../shared/errors'
import {
  checkSetting,
  parseExperiment,
  setting,
  type Experiment,
  type SettingKey,
} from '../../shared/experiment'

/** What the user has given that is not valid, or not valid together with the rest yet; the document keeps its last valid values. */
export type Draft = Partial<Record<SettingKey, unknown>>
export type FieldErrors = Partial<Record<SettingKey, string>>

export interface Edited {
  document: Experiment
  draft: Draft
  errors: FieldErrors
}

/**
 * One setting changed. Drafts are tried again with every change, so that two settings that need each other (MNIST-1D and its stem) can be
 * given in either order.
 */
export function edit(document: Experiment, draft: Draft, key: SettingKey, value: unknown): Edited {
  const wanted: Draft = { ...draft, [key]: value }
  const errors: FieldErrors = {}
  const valid: Draft = {}
  for (const [name, given] of Object.entries(wanted) as [SettingKey, unknown][]) {
    const problem = problemOf(() => (valid[name] = checkSetting(setting(name), given, name)))
    if (problem) errors[name] = problem.text
  }
  const invalid = Object.fromEntries(Object.entries(wanted).filter(([name]) => name in errors)) as Draft
  try {
    return { document: parseExperiment({ ...document, ...valid }, ''), draft: invalid, errors }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const place = error.where.replace(/^\./, '').split(/[.[]/)[0] as SettingKey
    return { document, draft: wanted, errors: { [place]: withoutPath(error), ...errors } }
  }
}

function problemOf(check: () => void): { text: string } | null {
  try {
    check()
    return null
  } catch (error) {
    if (error instanceof InputError) return { text: withoutPath(error) }
    throw error
  }
}

/** Beside the field its path would only repeat the label. */
function withoutPath(error: InputError): string {
  const text = error.message.slice(error.where.length + 2)
  return text[0].toUpperCase() + text.slice(1)
}

/** What people type in a number field: "1e3", "0.05", "-2"; anything else stays text, which the check then names. */
export function numberFromText(text: string): unknown {
  const trimmed = text.trim()
  const value = Number(trimmed)
  return trimmed !== '' && !Number.isNaN(value) ? value : trimmed
}
