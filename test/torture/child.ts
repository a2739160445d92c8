import { failCall, type Fault } from './shim'
import { SCENARIOS } from './scenarios'

// One change in a process of its own, which is killed at its n-th call of the file system. The bundle is started as
// `node child.mjs SCENARIO FOLDER N FAULT`; it says how many calls there were where it survives.

const [name, folder, n, fault] = process.argv.slice(2)
const restore = failCall(Number(n), fault as Fault)
await SCENARIOS[name].change(folder)
process.stdout.write(String(restore()))
