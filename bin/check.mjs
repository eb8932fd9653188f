#!/usr/bin/env node
// The `check` command. In a clone it runs the TypeScript sources, in an installed package what `tsc` made of them.
// A crash must not end with 1, the code of a violation: neither here, where nothing is loaded yet, nor in checker/cli/program.ts.
import { existsSync } from 'node:fs'

const fail = text => {
  process.stderr.write(`${text}\n`)
  process.exit(2)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 6)) fail(`protocheck needs Node.js 20.6 or later; this is ${process.versions.node}.`)
const notLoaded = error => fail(`protocheck could not be loaded.\n${error instanceof Error ? error.stack : error}`)
process.on('uncaughtException', notLoaded)

const source = new URL('../checker/cli/program.ts', import.meta.url)
const isClone = existsSync(source)
if (isClone) await import('./typescript.mjs')

const { runProgram } = await import((isClone ? source : new URL('../dist/checker/cli/program.js', import.meta.url)).href)
process.off('uncaughtException', notLoaded)
await runProgram(process.argv.slice(2))
