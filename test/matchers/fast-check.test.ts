/** Schedules for tests of implementations: each is an execution, and what fails is shrunk to a short one. */
import * as fc from 'fast-check'
import { nodeStates, schedules } from 'protocheck/fast-check'
import { expect, test } from 'vitest'
import { renderText } from '../../checker/index.ts'
import { mutant } from '../../matchers/subject.ts'
import { mutants } from '../../specs/two-phase-commit/mutants.ts'
import { twoPhaseCommit } from '../../specs/two-phase-commit/protocol.ts'

const small = twoPhaseCommit({ replicas: 2 })

type Node = { readonly state?: string; readonly decision?: string | null }

test('each step is one that may be taken, and says what every node is in afterwards', () => {
  const kinds = new Set<string>()
  fc.assert(
    fc.property(schedules(small, { steps: 12 }), ({ initial, steps, trace }) => {
      expect(steps.length).toBeLessThanOrEqual(12)
      expect(Object.keys(initial)).toEqual(['coordinator', 'r1', 'r2'])
      expect(() => renderText(trace)).not.toThrow()
      let before = initial as { [node: string]: Node }
      for (const { kind, name, node, nodes, after } of steps) {
        kinds.add(kind)
        if (kind === 'receive' && name === 'Commit') expect((after[node as string] as Node).state).toBe('committed')
        for (const [label, state] of Object.entries(after)) if (!Object.hasOwn(nodes, label)) expect(state).toEqual(before[label])
        before = after as typeof before
      }
    }),
    { numRuns: 30, seed: 1 },
  )
  expect([...kinds].sort()).toEqual(['action', 'receive', 'restart'])
})

test('what fails is shrunk to an execution from which no step can be left out', () => {
  const impatient = mutant(twoPhaseCommit, mutants, 'impatient')
  const { counterexample } = fc.check(
    fc.property(schedules(impatient), ({ steps }) => steps.every(({ after }) => (after['coordinator'] as Node).decision !== 'commit')),
    { numRuns: 200, seed: 1 },
  )
  const [schedule] = counterexample as [{ readonly steps: readonly { readonly name: string }[] }]
  // As `length` of the mutant says.
  expect(schedule.steps.map(({ name }) => name)).toEqual(['prepare', 'decideToCommit'])
  expect(fc.stringify(schedule)).toContain('1. coordinator prepare')
})

test('states of a node, as executions come to them', () => {
  const states = fc.sample(nodeStates(small, 'replica'), { numRuns: 150, seed: 1 }).map(({ state }) => state)
  expect([...new Set(states)].sort()).toEqual(['aborted', 'committed', 'prepared', 'working'])
  expect(() => nodeStates(small, 'nobody')).toThrow('There is no role nobody: coordinator, replica.')
})
