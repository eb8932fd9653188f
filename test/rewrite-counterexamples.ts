/**
 * Finds the counterexample of every mutant and of every refuted claim anew, and writes it where test/specs/counterexamples.test.ts looks for it:
 *
 *     npm run counterexamples [-- protocol … | protocol/variant …]
 *
 * Mutants whose shortest counterexample takes minutes are written only when they are named.
 */
import { fileURLToPath } from 'node:url'
import { explore } from '../checker/check/explore.ts'
import { loadSpec, specNames } from '../checker/cli/load.ts'
import { saveTrace } from '../checker/cli/save.ts'
import { findVariant } from '../checker/cli/variant.ts'
import { renderText } from '../checker/trace/render-text.ts'
import type { Trace } from '../checker/trace/trace.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const asked = process.argv.slice(2)
for (const name of specNames().filter(known => asked.length === 0 || asked.some(text => text.split('/')[0] === known))) {
  const spec = await loadSpec(name, root)
  const isAsked = (variant: string): boolean =>
    asked.includes(`${name}/${variant}`) || (!(spec.mutants[variant] ?? spec.claims[variant])?.slow && (asked.length === 0 || asked.includes(name)))
  const mutants = Object.keys(spec.mutants).map(mutant => ({ mutant }))
  const claims = Object.keys(spec.claims).map(claim => ({ claim }))
  for (const which of [...mutants, ...claims].filter(({ mutant, claim }: { mutant?: string; claim?: string }) => isAsked(mutant ?? claim ?? ''))) {
    const { mutant, claim, because, breaks, make, ...bounds } = findVariant(spec, which)
    const parameters = { ...spec.defaults, ...bounds.parameters }
    const { counterexample } = await explore(make(parameters), { property: breaks as string })
    if (counterexample === null) {
      console.log(`${name}/${mutant ?? claim}: no counterexample to ${breaks}`)
      process.exitCode = 1
      continue
    }
    const trace: Trace = { ...counterexample, parameters, mutant, because }
    const place = `counterexamples/${name}/${mutant ?? claim}.json`
    saveTrace(trace, renderText(trace), place, root)
    console.log(`${place}: ${trace.steps.length} steps`)
  }
}
console.log('See what has changed: git diff counterexamples. Commit the changes only if you understand what caused them.')
