import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checker's own folder: what it is, its version says. */
const checker = fileURLToPath(new URL('../', import.meta.url))

/** What may be left out at the end of a name that is imported; and the extension that TypeScript has for what is imported as JavaScript. */
const endings = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js']

/** A text in quotes that begins as the name of a file beside this one. */
const names = /(["'`])(\.{1,2}\/[^"'`\n\\]*)\1/g

/**
 * The files that a protocol is made of, with their texts: its own, and all that they name by a relative path, in an import or otherwise, and so on. A file that is named
 * by a text that is put together, and packages, are not found. By their paths from the first one's folder.
 */
export const sourcesOf = (paths: readonly string[]): ReadonlyMap<string, string> => {
  const folder = dirname(paths[0] ?? '')
  const found = new Map<string, string>()
  const left = [...paths]
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    const name = relative(folder, path).split(sep).join('/')
    if (found.has(name) || path.startsWith(checker) || path.includes(`${sep}node_modules${sep}`)) continue
    const text = readFileSync(path, 'utf8')
    found.set(name, text)
    for (const [, , named = ''] of text.matchAll(names)) left.push(...fileOf(join(dirname(path), named)))
  }
  return found
}

const fileOf = (path: string): readonly string[] => {
  const isFile = (candidate: string): boolean => existsSync(candidate) && statSync(candidate).isFile()
  const found = [...endings.map(ending => path + ending), path.replace(/js$/, 'ts')].find(isFile)
  return found === undefined ? [] : [found]
}
