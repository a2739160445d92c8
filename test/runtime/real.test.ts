import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect, it } from 'vitest'
import { runtimeStatus, useRuntime } from '../../main/runtime'
import { temporary } from './fakes'

// On the library that `npm test` installed for the user: a real compiler, a real load in a child process.
const { library, problem, cacheFolder } = await runtimeStatus()
const missing = `no TensorFlow library in ${cacheFolder}: ${problem}`

it('compiles, links and loads the binding of an existing installation', async (context) => {
  if (!library) return context.skip(missing)
  const cache = temporary()
  const used = await useRuntime(library.path, { context: { cacheFolder: cache } })
  expect(used).toMatchObject({ version: library.version, source: 'user', path: library.path })
  expect(used.bindingPath.startsWith(cache)).toBe(true)
  expect((await runtimeStatus({ context: { cacheFolder: cache } })).library).toEqual(used)
})

it('refuses a library that does not load, and keeps the one before', async (context) => {
  if (!library) return context.skip(missing)
  const cache = temporary()
  // A packaged binding, so that nothing is linked: the broken library is noticed when it is loaded.
  const broken = path.join(temporary(), 'tensorflow')
  fs.mkdirSync(broken)
  const [core, framework] = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']
  if (!fs.existsSync(path.join(library.path, framework!))) return context.skip('not the wheel for Linux')
  fs.symlinkSync(path.join(library.path, core!), path.join(broken, core!))
  fs.writeFileSync(path.join(broken, framework!), 'not a library')
  fs.symlinkSync(path.join(path.dirname(library.path), 'include'), path.join(broken, 'include'))
  const resources = path.join(temporary(), 'resources')
  const packaged = path.join(resources, 'binding', `${process.platform}-${process.arch}-tf2.21.0`)
  fs.mkdirSync(packaged, { recursive: true })
  fs.copyFileSync(library.bindingPath, path.join(packaged, 'tfjs_binding.node'))
  const good = { cacheFolder: cache, resourcesPath: resources }
  fs.mkdirSync(path.join(path.dirname(broken), 'tensorflow_cpu-2.21.0.dist-info'))
  const fine = path.join(temporary(), 'tensorflow')
  fs.symlinkSync(library.path, fine)
  fs.mkdirSync(path.join(path.dirname(fine), 'tensorflow_cpu-2.21.0.dist-info'))
  const before = await useRuntime(fine, { context: good })
  await expect(useRuntime(broken, { context: good })).rejects.toThrow(
    /^TensorFlow's library does not work here: .*libtensorflow_framework\.so\.2/,
  )
  expect((await runtimeStatus({ context: good })).library).toEqual(before)
})
