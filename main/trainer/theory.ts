/**
 * A thread of the trainer that computes theories while another measures: no TensorFlow here. Theories stay known by the
 * plan of their networks, so that one asked for again is there at once.
 */
import { workerData } from 'node:worker_threads'
import { messageOf } from '../../shared/base/errors'
import { readFromDataFolder } from '../data/store'
import { Stopped } from './engine/control'
import { prepareSeries } from './engine/prepared-series'
import { theoriesOf } from './engine/series-theory'
import {
  ANSWERS,
  IS_ENDED,
  type TheoryAnswer,
  type TheoryQuestion,
  type TheoryThreadData,
} from './theory-channel'

const { port } = workerData as TheoryThreadData
readFromDataFolder()

port.on('message', ({ id, experiment, shared }: TheoryQuestion) => {
  const cells = new Int32Array(shared)
  const answer = (value: TheoryAnswer) => {
    port.postMessage(value)
    Atomics.add(cells, ANSWERS, 1)
    Atomics.notify(cells, ANSWERS)
  }
  const stopWhereEnded = () => {
    if (Atomics.load(cells, IS_ENDED)) throw new Stopped()
  }
  try {
    for (const news of theoriesOf(experiment, prepareSeries(experiment), stopWhereEnded)) answer({ id, news })
    answer({ id, news: null })
  } catch (error) {
    if (!(error instanceof Stopped)) answer({ id, error: messageOf(error) })
  }
})
