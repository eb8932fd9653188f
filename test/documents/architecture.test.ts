/** The floor plan of ARCHITECTURE.md: each folder of checker/ knows only those before it. That no files import one another in a circle, is held by the linter (biome.json). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../checker/', import.meta.url))

/** From the ground up. */
const floors = [
  'protocol',
  'values',
  'run',
  'trace',
  'tables',
  'states',
  'reduce',
  'symmetry',
  'steps',
  'search',
  'workers',
  'check',
  'index.ts',
  'prove',
  'cli',
]

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? filesIn(path) : /\.c?ts$/.test(path) ? [path] : []
  })

/** Those of the page are TypeScript, some with elements in it. */
const pageFiles = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    return entry.isDirectory() ? pageFiles(path) : /\.tsx?$/.test(path) ? [path] : []
  })

const floorOf = (path: string): string => relative(root, path).split('/')[0] as string

/** What a file imports by a relative path, types included. */
const importsOf = (path: string): string[] =>
  [...readFileSync(path, 'utf8').matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*'(\.[^']+)'/g)].map(([, to]) => resolve(dirname(path), to as string))

const files = filesIn(root)

describe('the floors of checker/', () => {
  it('are these', () => {
    expect([...new Set(files.map(floorOf))].sort()).toEqual([...floors].sort())
  })

  it('know only those below them', () => {
    const upwards = files.flatMap(path =>
      importsOf(path)
        .filter(to => floors.indexOf(floorOf(to)) > floors.indexOf(floorOf(path)))
        .map(to => `${relative(root, path)} imports ${relative(root, to)}`),
    )
    expect(upwards).toEqual([])
  })

  it('import files that are there', () => {
    expect(files.flatMap(importsOf).filter(to => !existsSync(to))).toEqual([])
    expect(files.flatMap(importsOf).length).toBeGreaterThan(files.length)
  })

  it('say each what it is for, in a README of its own', () => {
    const folders = floors.filter(floor => !floor.endsWith('.ts'))
    expect(folders.filter(folder => !existsSync(join(root, folder, 'README.md')))).toEqual([])
  })

  it('stand in ARCHITECTURE.md in this order', () => {
    const map = readFileSync(join(root, '../ARCHITECTURE.md'), 'utf8')
    const named = [...map.matchAll(/^\| `([a-z]+)\/`/gm)].map(([, folder]) => folder)
    expect(named).toEqual(floors.filter(floor => !floor.endsWith('.ts') && floor !== 'cli'))
  })

  it('know nothing of the page but its data, and the page no Node', () => {
    const known = files.flatMap(importsOf).filter(to => !to.startsWith(root))
    expect([...new Set(known.map(to => relative(root, to)))]).toEqual(['../page/page-data.ts'])
    const pages = pageFiles(join(root, '../page'))
    expect(pages.length).toBeGreaterThan(10)
    expect(pages.filter(path => / from 'node:|import\('node:/.test(readFileSync(path, 'utf8')))).toEqual([])
    const above = pages.flatMap(path =>
      importsOf(path).filter(to => /\/checker\/(cli|prove)\//.test(to) || (path.includes('/session/') && to.includes('/view/'))),
    )
    expect(above).toEqual([])
  })

  it('stand below the matchers of tests, of which only one file imports Vitest', () => {
    const above = filesIn(join(root, '../matchers'))
    expect(above.flatMap(importsOf).filter(to => !to.startsWith(root) && !to.startsWith(join(root, '../matchers')))).toEqual([])
    expect(above.filter(path => readFileSync(path, 'utf8').includes("from 'vitest'")).map(path => relative(root, path))).toEqual(['../matchers/vitest.ts'])
  })

  it('use node: modules in cli/ and for threads only', () => {
    const using = files.filter(path => / from 'node:|import\('node:/.test(readFileSync(path, 'utf8'))).map(path => relative(root, path))
    expect(using.filter(path => !path.startsWith('cli/')).sort()).toEqual(['workers/threads.ts', 'workers/worker.ts'])
  })
})
