#!/usr/bin/env node
// The `check` command. In a clone it runs the TypeScript sources, in an installed package what `tsc` made of them.
import { existsSync } from 'node:fs'

const source = new URL('../checker/cli/main.ts', import.meta.url)
const isClone = existsSync(source)
if (isClone) await import('./typescript.mjs')

const { main, processTerminal } = await import((isClone ? source : new URL('../dist/checker/cli/main.js', import.meta.url)).href)
process.exitCode = await main(process.argv.slice(2), processTerminal())
