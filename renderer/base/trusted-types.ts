/**
 * The page runs under `require-trusted-types-for 'script'`: text becomes code only through a policy. Ours knows one
 * case, the page's own worker, which Vite names by its address; Svelte has one for its templates.
 */
declare global {
  interface Window {
    /** Browsers that have none need no policy. */
    trustedTypes?: {
      createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown
    }
  }
}

window.trustedTypes?.createPolicy('default', {
  createScriptURL(address) {
    if (new URL(address, location.href).origin === location.origin) return address
    throw new TypeError(`${address} is no script of this page.`)
  },
})

export {}
