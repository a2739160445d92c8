import { ensureTensorFlow, type RuntimeOptions } from '../../../main/runtime'
import { runtimeCommand } from '../../../main/runtime/cli'
import { surroundings } from '../surroundings'

// An installation in a process of its own, which is ended from outside: `node install.mjs COMMAND FOLDER PIP`, where
// COMMAND is "command" (as `runtime install` runs it) or "ensure" (as any other command, which listens for nothing).

const [kind, folder, pip] = process.argv.slice(2) as [string, string, string]
const lab = surroundings(folder)
const options: RuntimeOptions = lab.options({}, { FAKE_PIP: pip })
if (kind === 'command')
  process.exitCode = await runtimeCommand({ action: 'install', json: false }, process, options)
else await ensureTensorFlow(undefined, options)
