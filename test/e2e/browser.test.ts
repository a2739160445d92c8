import { describe } from 'vitest'
import { browserHost } from './browser-host'
import { workbenchChecks } from './checks'

describe('the workbench in Chromium', () => {
  workbenchChecks(browserHost)
})
