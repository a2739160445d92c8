import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { passOnWithoutNotices } from '../../main/trainer/backend/notices'

it('drops what TensorFlow and Dawn print at their load and nothing else, however the text is cut', async () => {
  const from = new PassThrough()
  let seen = ''
  passOnWithoutNotices(from, { write: (text: string) => ((seen += text), true) })
  const text =
    'before\nWARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n' +
    'I0000 00:00:1795459285.830663   17549 port.cc:153] oneDNN custom operations are on. You may see\n' +
    'E0000 00:00:2 2 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN ERROR (303)\n' +
    "Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file: No such file or directory\n" +
    '    at operator() (/home/runner/third_party/dawn/src/dawn/native/vulkan/BackendVk.cpp:368)\n\n\n' +
    'E0000 00:00:1 1 cuda.cc:1] a real error\nlast, without an end'
  for (let at = 0; at < text.length; at += 7) from.write(text.slice(at, at + 7))
  from.end()
  await new Promise((resolve) => from.on('close', resolve))
  expect(seen).toBe('before\n\nE0000 00:00:1 1 cuda.cc:1] a real error\nlast, without an end')
})
