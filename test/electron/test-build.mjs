// Makes the application with the Electron of the tests, unpacked, in a folder of its own: node
// test/electron/test-build.mjs OUTPUT DIST VERSION A process of its own, because electron-builder writes to standard
// output and keeps state.
import { FUSES, makeApplication } from '../../bin/package.mjs'

const [output, electronDist, electronVersion] = process.argv.slice(2)
await makeApplication(
  {
    directories: { output },
    electronDist,
    electronVersion,
    electronFuses: {
      ...FUSES,
      // The one fuse that a test build differs in: Playwright steers the main process through Node's inspector.
      enableNodeCliInspectArguments: true,
      // Not known to this older Electron.
      grantFileProtocolExtraPrivileges: undefined,
    },
    // What this older Electron lacks goes into the archive, and runs first.
    files: ['test/electron/default-app/shim-22.cjs', 'test/electron/packaged-main.cjs'],
    extraMetadata: { main: 'test/electron/packaged-main.cjs', testBuild: true },
  },
  ['dir'],
)
