import { parentPort } from 'node:worker_threads'
import { type Command, whole } from './messages.ts'
import { WorkerShare } from './worker-share.ts'

/** The code of one thread: it does what it is told, and replies. */
const hand = new WorkerShare()
parentPort?.on('message', (command: Command) => {
  const reply = hand.obey(command)
  parentPort?.postMessage(whole(reply), reply.records === undefined ? [] : [reply.records.buffer as ArrayBuffer])
})
parentPort?.postMessage('ready')
