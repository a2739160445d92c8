/** A thread of the trainer that computes theories while another measures: no TensorFlow here. */
import { workerData } from 'node:worker_threads'
import { readFromDataFolder } from '../data/store'
import { answerTheory, type TheoryQuestion } from './theory-answers'
import type { TheoryThreadData } from './theory-channel'

const { port } = workerData as TheoryThreadData
readFromDataFolder()

port.on('message', (question: TheoryQuestion) => answerTheory(question, (answer) => port.postMessage(answer)))
