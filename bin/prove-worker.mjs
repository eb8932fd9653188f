// A process beside `check prove --jobs`: derives the proofs that it is sent, one at a time (checker/cli/proofs/worker.ts).
import { existsSync } from 'node:fs'

const source = new URL('../checker/cli/proofs/worker.ts', import.meta.url)
const isClone = existsSync(source)
if (isClone) await import('./typescript.mjs')
await import((isClone ? source : new URL('../dist/checker/cli/proofs/worker.js', import.meta.url)).href)
