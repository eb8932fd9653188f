// Lets this process load TypeScript files: in a clone those of the checker, in an installed package only those of the user, so there it
// is done when the first one is asked for (checker/cli/load.ts): tsx takes a third of a second of CPU to start.
import { existsSync } from 'node:fs'
import { register } from 'node:module'
import { register as registerTsx } from 'tsx/esm/api'

const source = new URL('../checker/index.ts', import.meta.url)
const index = existsSync(source) ? source : new URL('../dist/checker/index.js', import.meta.url)

registerTsx()
register('./hooks.mjs', { parentURL: import.meta.url, data: { index: index.href } })
