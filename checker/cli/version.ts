import { existsSync, readFileSync } from 'node:fs'

/** From the package.json above this file, wherever it was built to. */
export const version = (): string => {
  const found = ['../../', '../../../'].map(up => new URL(`${up}package.json`, import.meta.url)).find(url => existsSync(url))
  return found === undefined ? '' : (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version
}
