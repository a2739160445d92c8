// Makes a test build, unpacked, in a folder of its own: node test/electron/test-build.mjs OUTPUT DIST VERSION
// A process of its own, because electron-builder writes to standard output and keeps state.
import { makeApplication } from '../../bin/package.mjs'

const [output, dist, version] = process.argv.slice(2)
await makeApplication({ dist, version, test: true }, output, { targets: ['dir'] })
