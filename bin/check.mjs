#!/usr/bin/env node
// The `check` command. In a clone it runs the TypeScript sources, in an installed package what `tsc` made of them; either way
// through tsx, since the protocol that it is asked to check may be the user's own `.ts` file.
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { register as registerTsx } from 'tsx/esm/api'

const source = new URL('../checker/', import.meta.url)
const checker = existsSync(new URL('cli/main.ts', source))
  ? { main: new URL('cli/main.ts', source), index: new URL('index.ts', source) }
  : { main: new URL('../dist/checker/cli/main.js', import.meta.url), index: new URL('../dist/checker/index.js', import.meta.url) }

registerTsx()
register('./hooks.mjs', { parentURL: import.meta.url, data: { index: checker.index.href } })

const { main, processTerminal } = await import(checker.main.href)
process.exitCode = await main(process.argv.slice(2), processTerminal())
