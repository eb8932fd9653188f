/**
 * The stored counterexamples: each still breaks its mutant or claim, those of mutants do not break the correct protocol,
 * and every mutant and every refuted claim has one.
 * `npm run counterexamples` writes them anew.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadSpec, specNames } from '../../checker/cli/load.ts'
import { parametersOf } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { renderText } from '../../checker/trace/render-text.ts'
import { replay } from '../../checker/trace/replay.ts'
import { parseTrace } from '../../checker/trace/schema.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const stored = join(root, 'counterexamples')

const specs = await Promise.all(specNames().map(name => loadSpec(name, root)))

/** The stored traces of a protocol, by mutant or claim. */
const traceFiles = (protocol: string): string[] => {
  const folder = join(stored, protocol)
  return existsSync(folder) ? readdirSync(folder).flatMap(file => (file.endsWith('.json') ? [file.replace(/\.json$/, '')] : [])) : []
}

test('are of protocols that there are', () => {
  const folders = readdirSync(stored, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  expect(specNames()).toEqual(expect.arrayContaining(folders))
})

describe.each(specs)('counterexamples of $name', spec => {
  test('are one for each mutant and each refuted claim', () => {
    expect(traceFiles(spec.name).sort()).toEqual([...Object.keys(spec.mutants), ...Object.keys(spec.claims)].sort())
  })

  test.each(traceFiles(spec.name))('%s', name => {
    const path = join(stored, spec.name, name)
    const trace = parseTrace(readFileSync(`${path}.json`, 'utf8'), `${name}.json`)
    const { mutant, because, breaks, make } = findVariant(spec, Object.hasOwn(spec.mutants, name) ? { mutant: name } : { claim: name })
    expect(trace).toMatchObject({ protocol: spec.name, mutant, property: breaks, because })
    expect(trace.steps).toHaveLength((spec.mutants[name] ?? spec.claims[name])?.length ?? -1)

    const parameters = parametersOf(trace, spec, `${name}.json`)
    expect(replay(trace, make(parameters))).toEqual({ kind: 'violates' })
    if (mutant !== null) expect(['impossible', 'harmless', 'unfair']).toContain(replay(trace, spec.make(parameters)).kind)

    // A change of the drawing is as good as one of the trace: see what it does to all of them.
    expect(readFileSync(`${path}.txt`, 'utf8')).toBe(renderText(trace))
  })
})
