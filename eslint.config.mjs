import js from '@eslint/js'
import globals from 'globals'
import svelte from 'eslint-plugin-svelte'
import tseslint from 'typescript-eslint'

// The architecture is a rule about imports, so the linter holds it: numeric code knows no host, and the
// renderer knows only shared/.
const forbid = (patterns, message) => ({
  'no-restricted-imports': ['error', { patterns: patterns.map((group) => ({ group: [group], message })) }],
})
const hosts = ['electron', 'electron/*', 'svelte', 'svelte/*', 'chart.js', 'chart.js/*']

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
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { globals: { ...globals.browser }, parserOptions: { parser: tseslint.parser } },
  },
  {
    files: ['shared/**'],
    rules: forbid(
      [...hosts, '@tensorflow/*', 'node:*', 'fs', 'path', '**/main/**', '**/renderer/**'],
      'shared/ is pure TypeScript: no Node, DOM, Electron or TensorFlow.',
    ),
  },
  {
    files: ['main/trainer/engine/**', 'main/trainer/compile/**'],
    rules: forbid(
      [...hosts, '**/hosts/**', '**/renderer/**'],
      'The engine knows neither Electron nor its host.',
    ),
  },
  {
    files: ['renderer/**'],
    rules: forbid(
      ['electron', 'electron/*', '@tensorflow/*', 'node:*', '**/main/**'],
      'The renderer imports only shared/ and its own files.',
    ),
  },
)
