import js from '@eslint/js'
import globals from 'globals'
import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'
import { errorListener } from './bin/lint/error-listener.mjs'

// Which folder may import which is held by .dependency-cruiser.cjs, types and cycles included.
export default tseslint.config(
  { ignores: ['node_modules/', 'out/', 'dist/', '.cache/', 'test-results/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // TypeScript itself reports undefined names, and knows types that this rule does not.
      'no-undef': 'off',
    },
  },
  {
    // prettier wraps code but neither comments nor strings.
    files: ['{shared,main,renderer,bench,docs,test,bin}/**', '*'],
    rules: { 'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }] },
  },
  {
    files: ['main/**'],
    plugins: { 'residual-lab': { rules: { 'error-listener': errorListener } } },
    rules: { 'residual-lab/error-listener': 'error' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { globals: { ...globals.browser }, parserOptions: { parser: tseslint.parser } },
  },
)
