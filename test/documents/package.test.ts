import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What `npm pack` would put into the package, `dist` aside, which it builds first. */
const packed = (): readonly string[] => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }))
  return files.map(({ path }: { path: string }) => path)
}

const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8')

/** GitHub's name of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (text: string): readonly string[] => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))

test('every link of a document in the package leads to a file of the package, and to a heading of it', () => {
  const files = packed()
  const documents = files.filter(path => path.endsWith('.md'))
  expect(documents).toEqual(expect.arrayContaining(['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'bench/README.md', 'docs/protocol.md']))
  const broken = documents.flatMap(document =>
    [...read(document).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(([link, path = '', anchor]) => {
      const target = path === '' ? document : posix.join(posix.dirname(document), path)
      const isThere = files.includes(target) && (anchor === undefined || anchorsOf(read(target)).includes(anchor))
      return isThere ? [] : [`${document}: ${link}`]
    }),
  )
  expect(broken).toEqual([])
})
