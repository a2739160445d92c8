import type { Rule } from 'eslint'

export const errorListener: Rule.RuleModule
