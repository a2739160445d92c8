import { InputError } from '../../shared/base/errors'
import { checkSetting } from '../../shared/settings/check-setting'
import { setting } from '../../shared/settings/table'
import { makesSwept, withSwept, withoutSwept } from '../../shared/settings/sweep'
import { parseExperiment } from '../../shared/experiment/experiment'
import type { Experiment, SettingKey } from '../../shared/settings/experiment'

/**
 * What the user has given that is not valid, or not valid together with the rest yet; the document keeps its last valid
 * values.
 */
export type Draft = Partial<Record<SettingKey, unknown>>
export type FieldErrors = Partial<Record<SettingKey, string>>

export interface Edited {
  document: Experiment
  draft: Draft
  errors: FieldErrors
}

/**
 * One setting changed. Drafts are tried again with every change, so that two settings that need each other (MNIST-1D
 * and its stem) can be given in either order. Where they do not fit together, as many as do are taken; each that is
 * held back says so. A list or a range for a number makes it swept; one number takes that back.
 */
export function edit(given: Experiment, draft: Draft, key: SettingKey, value: unknown): Edited {
  let document = given
  const wanted: Draft = { ...draft, [key]: value }
  const errors: FieldErrors = {}
  const valid: Draft = {}
  for (const [name, own] of Object.entries(wanted) as [SettingKey, unknown][]) {
    const isRange = makesSwept(name, own)
    const problem = problemOf(() => {
      if (isRange) document = withSwept(document, name, own)
      else valid[name] = checkSetting(setting(name), own, name)
    })
    if (problem) errors[name] = problem.text
    else if (isRange) delete wanted[name]
  }
  const taken = mostThatFit(document, valid, key)
  for (const name of Object.keys(taken) as SettingKey[]) document = withoutSwept(document, name)
  const next = parseExperiment({ ...document, ...taken }, '')
  const held = (Object.keys(wanted) as SettingKey[]).filter((name) => !(name in taken))
  for (const name of held) {
    const conflict = name in valid ? conflictOf({ ...next, [name]: valid[name] }) : null
    if (!conflict) continue
    errors[conflict.key] ??= conflict.text
    if (conflict.key !== name) errors[name] ??= `Waits for ${setting(conflict.key).label}.`
  }
  return { document: next, draft: Object.fromEntries(held.map((name) => [name, wanted[name]])), errors }
}

/** The largest part of what is given that makes a valid experiment; of two as large, the one with the newest. */
function mostThatFit(document: Experiment, given: Draft, newest: SettingKey): Draft {
  const names = (Object.keys(given) as SettingKey[]).filter((name) => name !== newest)
  if (newest in given) names.unshift(newest)
  let best: Draft = {}
  // Few settings ever wait, so all their subsets can be tried: the whole first, then those with the newest.
  for (let subset = 2 ** names.length - 1; subset > 0; subset--) {
    const some = names.filter((_, i) => subset & (1 << (names.length - 1 - i)))
    if (some.length <= Object.keys(best).length) continue
    const part = Object.fromEntries(some.map((name) => [name, given[name]])) as Draft
    if (!conflictOf({ ...document, ...part })) best = part
  }
  return best
}

/** Why settings do not make an experiment together, and at which of them that is to be said. */
function conflictOf(experiment: object): { key: SettingKey; text: string } | null {
  try {
    parseExperiment(experiment, '')
    return null
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const key = error.where.replace(/^\./, '').split(/[.[]/)[0] as SettingKey
    return { key, text: error.sentence }
  }
}

function problemOf(check: () => void): { text: string } | null {
  try {
    check()
    return null
  } catch (error) {
    if (error instanceof InputError) return { text: error.sentence }
    throw error
  }
}
