/** What the library is asked is held to what the command line is held to. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import { lock } from '../fixtures/lock.ts'

const ask = (options: object) => explore(lock({ processes: 2, maxClock: 2 }), options as Options)

const wrong: readonly (readonly [options: object, said: string])[] = [
  [{ reduce: ['symetry'] }, 'Did you mean symmetry?'],
  [{ reduce: ['symmetry', 'x'] }, 'There is: symmetry'],
  [{ reduce: 'symmetry' }, 'expected a list of reductions'],
  [{ order: 'bredth' }, 'Did you mean breadth?'],
  [{ order: 'progress' }, 'There is: breadth, depth.'],
  [{ depth: -1 }, 'The option depth is given -1.'],
  [{ depth: 1.5 }, 'The option depth is given 1.5.'],
  [{ depth: Number.NaN }, 'The option depth is given NaN.'],
  [{ depth: '3' }, 'The option depth is given "3".'],
  [{ depth: null }, 'The option depth is given null.'],
  [{ depth: -Infinity }, 'The option depth is given -Infinity.'],
  [{ states: 0 }, 'at least 1'],
  [{ states: 2.5 }, 'The option states is given 2.5.'],
  [{ seconds: -1 }, 'The option seconds is given -1.'],
  [{ seconds: Number.NaN }, 'The option seconds is given NaN.'],
  [{ memoryBytes: 0 }, 'The option memoryBytes is given 0.'],
  [{ exact: false }, 'There is no option exact.'],
  [{ property: 'mutualexclusion' }, 'Did you mean mutualExclusion?'],
  [{ property: 5 }, 'expected the name of a property'],
  [{ without: 'a rule' }, 'expected a list of labels'],
  [{ simulate: { runs: 0, seed: 1 } }, 'The option simulate.runs is given 0.'],
  [{ simulate: { runs: 1.5, seed: 1 } }, 'The option simulate.runs is given 1.5.'],
  [{ simulate: 5 }, 'expected { runs, seed }'],
  [{ workers: 2 }, 'expected what threads(count) returns'],
  [{ checkpoint: {} }, 'The option checkpoint.seconds'],
  [{ resume: {} }, 'expected a function'],
  [{ tuning: { batchh: 3 } }, 'batch'],
  [{ detph: 3 }, 'There is no option detph.\nDid you mean depth?'],
  [{ time: 3 }, 'There is no option time.'],
  [{ signal: 5 }, 'expected an object'],
]

describe('an option of the library', () => {
  test.each(wrong)('%j', async (options, said) => {
    await expect(ask(options)).rejects.toThrow(said)
    await expect(ask(options)).rejects.toHaveProperty('name', 'SpecError')
  })

  test.each([
    {},
    { depth: Infinity, states: Infinity, seconds: Infinity },
    { depth: undefined, reduce: undefined },
    { reduce: [] },
    { depth: 0 },
    { tuning: { batch: 4 } },
    { signal: new AbortController().signal, onProgress: () => {} },
  ])('%j is taken', async options => {
    expect((await ask({ property: 'mutualExclusion', ...options })).verdict).toBe('holds')
  })
})

test('a family gives its parameters, to the report and to the trace; so does what is made by spreading', async () => {
  expect((await ask({})).parameters).toEqual({ processes: 2, maxClock: 2 })
  expect((await explore(lock({ maxClock: 2 }))).parameters).toEqual({ processes: 3, maxClock: 2 })
  const { parameters, counterexample } = await explore({ ...lock(), network: 'reliable' }, { depth: 2 })
  expect(parameters).toEqual({ processes: 3, maxClock: 4 })
  if (counterexample !== null) expect(counterexample.parameters).toEqual(parameters)
})
