/** Traces of random protocols: what the search finds, the replay confirms by the definition of the protocol. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { judge } from '../../checker/trace/judge.ts'
import { renderSteps, renderText } from '../../checker/trace/render-text.ts'
import { replay, walk } from '../../checker/trace/replay.ts'
import { parseTrace } from '../../checker/trace/schema.ts'
import { shorten } from '../../checker/trace/shorten.ts'
import { traceOf } from '../../checker/trace/trace-of.ts'
import { Walker } from '../../checker/trace/walk.ts'
import { acceptedProtocol } from '../support/random-protocol.ts'
import { randomWalk } from '../support/trace-support.ts'

const settings = { numRuns: Number(process.env['PROTOCHECK_RUNS'] ?? 60), seed: Number(process.env['PROTOCHECK_SEED'] ?? 20_261_121) }

const walkIn = (protocol: AnyProtocol, seed: number) => {
  const walker = new Walker(new System(protocol))
  const initial = walker.initial()
  return { walker, initial, steps: randomWalk(walker, 25, seed) }
}

describe('random executions of random protocols', () => {
  test('are written, read, drawn, and can be taken again', () => {
    fc.assert(
      fc.property(acceptedProtocol, fc.nat(), ({ protocol }, seed) => {
        const { walker, initial, steps } = walkIn(protocol, seed)
        const property = Object.keys(protocol.properties)[0] ?? 'deadlock'
        const trace = traceOf(walker.system, property, initial, steps)
        expect(parseTrace(JSON.stringify(trace), 'x.json')).toEqual(trace)
        expect(replay(trace, protocol).kind).not.toBe('impossible')
        expect(renderText(trace)).toContain(`${steps.length}. `.repeat(Math.min(1, steps.length)))
        expect(renderSteps(trace).split('\n\n')).toHaveLength(steps.length + 1)
      }),
      settings,
    )
  })

  test.each([
    ['depth-first', { order: 'depth' }],
    ['depth-first, unreduced', { order: 'depth', reduce: [] }],
    ['partial order, cut off before a shorter one is looked for', { reduce: ['partial-order'], states: 40 }],
    ['random executions', { simulate: { runs: 50, seed: 1 } }],
    ['as by default', {}],
  ] as const satisfies readonly (readonly [string, Options])[])('no step can be left out of what is shown: %s', async (_, options) => {
    let shown = 0
    for (const { protocol } of fc.sample(acceptedProtocol, settings)) {
      const asked = Object.keys(protocol.properties).filter(name => protocol.properties[name]?.type !== 'canAlways')
      for (const property of asked) {
        const { counterexample } = await explore(protocol, { states: 2_000, ...options, property })
        if (counterexample === null || counterexample.steps.length === 0) continue
        shown++
        const walker = new Walker(new System(protocol))
        counterexample.steps.forEach((_, left) => {
          const { steps, end, failed } = walk(walker, walker.initial(), counterexample.steps.toSpliced(left, 1))
          if (failed === undefined) expect(judge(walker, property, end, steps.at(-1)).violated).not.toBe(true)
        })
      }
    }
    expect(shown).toBeGreaterThan(settings.numRuns / 10)
  })

  test('are shortened to executions that still violate, and from which no step can be left out', () => {
    const tried = { violated: 0, shortened: 0 }
    fc.assert(
      fc.property(acceptedProtocol, fc.nat(), ({ protocol }, seed) => {
        const { walker, initial, steps } = walkIn(protocol, seed)
        for (const property of Object.keys(protocol.properties)) {
          const violating = steps.findIndex((step, i) => judge(walker, property, step.next, steps[i]).violated === true)
          if (violating < 0 || judge(walker, property, initial, undefined).violated === true) continue
          tried.violated++
          const short = shorten(walker, property, initial, steps.slice(0, violating + 1))
          if (short.length <= violating) tried.shortened++
          expect(replay(traceOf(walker.system, property, initial, short), protocol)).toEqual({ kind: 'violates' })
          expect(shorten(walker, property, initial, short)).toHaveLength(short.length)
        }
      }),
      settings,
    )
    // Otherwise nothing was tried.
    expect(tried.shortened).toBeGreaterThan(settings.numRuns / 20)
  })
})

test('what the search finds in random protocols is a violation by definition, and none before its end', async () => {
  const tried = { traces: 0 }
  await fc.assert(
    fc.asyncProperty(acceptedProtocol, async ({ protocol }) => {
      for (const property of Object.keys(protocol.properties)) {
        const { counterexample: trace } = await explore(protocol, { property, states: 2000 })
        if (trace === null) continue
        tried.traces++
        expect(replay(trace, protocol)).toEqual({ kind: 'violates' })
        for (let k = 0; k < trace.steps.length; k++) expect(replay({ ...trace, steps: trace.steps.slice(0, k) }, protocol).kind).toBe('harmless')
      }
    }),
    settings,
  )
  expect(tried.traces).toBeGreaterThan(settings.numRuns / 4)
}, 300_000)
