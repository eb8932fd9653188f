/** Every path of this repository that a document or a comment names is there. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')

/** As seen from the root. */
const path = /(?<![\w/.])(?:checker|matchers|page|specs|test|bench|docs|schema)\/[\w./-]+\.(?:tsx?|mjs|md|json|svg)\b/g

test('of the files of this repository', () => {
  const known = new Set(files)
  // What was is what the log is about.
  const texts = files.filter(file => /\.(?:tsx?|md)$/.test(file) && file !== 'CHANGELOG.md')
  const missing = texts.flatMap(file =>
    [...readFileSync(join(root, file), 'utf8').matchAll(path)].flatMap(([named]) =>
      known.has(named) || known.has(join(dirname(file), named)) ? [] : [`${file}: ${named}`],
    ),
  )
  expect(texts.length).toBeGreaterThan(300)
  expect(missing).toEqual([])
})
