import { command, createControl } from '../../../main/trainer/engine/control'
import { trainNetworks } from '../../../main/trainer/engine/train'
import { nodeFolder } from '../../../main/trainer/node-folder'
import type { Experiment } from '../../../shared/settings/experiment'
import { testBackend } from '../backend'

// A training in a process of its own, which is killed some steps after a checkpoint, as by `kill -9`:
// `node killed.mjs FOLDER STEP EXPERIMENT`, the checkpoint being that of a pause after STEP.

const [folder, step, experiment] = process.argv.slice(2)
const control = createControl()
let written = Infinity
await trainNetworks(
  await testBackend(),
  JSON.parse(experiment) as Experiment,
  control,
  (event) => {
    if (event.type === 'frame' && event.step >= Number(step) && written === Infinity) {
      command(control, 'pause')
    } else if (event.type === 'checkpoint') {
      written = event.step
      command(control, 'resume')
    } else if (event.type === 'frame' && event.step >= written + 10) {
      process.kill(process.pid, 'SIGKILL')
      // The signal is on its way: nothing more is done.
      for (;;);
    }
  },
  { place: nodeFolder({ folder, resume: true }) },
)
