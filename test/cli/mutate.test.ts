/** `check mutate`: which mutants are made of a text, and what is said of each. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSpec } from '../../checker/cli/load.ts'
import { mutantsOf } from '../../checker/cli/mutations/mutant.ts'
import { runMutant } from '../../checker/cli/mutations/mutant-task.ts'
import { run } from '../support/cli-support.ts'

/** A server that counts requests up to a limit, which the client is told. */
const text = `
import { Record } from 'immutable'
import { crashRecovery, each, family, reachable, some, step } from 'protocheck'
class Server extends Record({ count: 0, told: 0 }) {}
class Client extends Record({ heard: 0, more: 0 }) {}
const isSmall = n => n.count < 7
const next = n => n.count + 1
export const counter = family({ limit: 1 }, ({ limit }) => {
  const most = limit + 2
  const doubled = limit * 2
  return {
    name: 'counter',
    network: 'reliable',
    faults: [crashRecovery('server', { atMost: 1 })],
    roles: {
      server: {
        count: 1,
        init: () => new Server(),
        recover: n => n,
        within: n => n.count < 9,
        on: {},
        actions: {
          count: {
            when: (n, { rule }) => n.told === n.count && rule('below the limit', n.count < doubled),
            do(n, { nodes, send }) {
              send(nodes.client, { type: 'Count', now: next(n), before: n.count })
              return n.merge({ count: next(n), told: next(n) })
            },
          },
        },
      },
      client: {
        count: 1,
        init: () => new Client(),
        on: {
          Count(c, { now, before }) {
            if (now > before) return c.set('heard', now)
            return c
          },
        },
      },
    },
    properties: {
      small: each('server', n => n, n => isSmall(n) && n.count < most),
      grows: step('server', (a, b) => a.count <= b.count),
      hears: reachable(some('client', c => c.heard, heard => heard === 2)),
    },
  }
})
`

/** Who asks waits as long as an answer may take, and then rings. */
const timed = `
import { Record } from 'immutable'
import { always, family, reachable, some, synchronous } from 'protocheck'
class Asker extends Record({ left: 0, heard: false, rang: false }) {}
class Other extends Record({}) {}
export const bell = family({ delay: 1 }, ({ delay }) => ({
  name: 'bell',
  network: 'reliable',
  timing: synchronous({ delay: { max: delay }, horizon: 3 * delay }),
  roles: {
    asker: {
      count: 1,
      init: () => new Asker(),
      tick: a => a.update('left', left => Math.max(0, left - 1)),
      due: a => !a.rang && a.left === 0,
      on: { Answer: a => a.set('heard', true) },
      actions: {
        ask: {
          when: a => !a.rang && a.left === 0,
          do(a, { nodes, send }) {
            send(nodes.other, { type: 'Question' })
            return a.merge({ left: 2 * delay + 1, rang: true })
          },
        },
      },
    },
    other: {
      count: 1,
      init: () => new Other(),
      on: {
        Question(o, _, from, { send }) {
          send(from, { type: 'Answer' })
          return o
        },
      },
    },
  },
  properties: {
    inTime: always(({ all, observer }) => observer('time').now < 2 * delay || all('asker').some(a => a.rang)),
    heardFirst: always(({ all }) => all('asker').every(a => !a.rang || a.left > 0 || a.heard)),
    rings: reachable(some('asker', a => a.left, left => left === 1)),
  },
}))
`

const written = (more = '', from = text): { readonly directory: string; readonly file: string } => {
  const directory = mkdtempSync(join(tmpdir(), 'mutate-'))
  writeFileSync(join(directory, 'counter.ts'), from + more)
  return { directory, file: './counter.ts' }
}

test('what nodes do is changed, and what it calls; not properties, bounds, or what only these use', async () => {
  const { directory, file } = written()
  const spec = await loadSpec(file, directory)
  const mutants = mutantsOf(spec, spec.make({}), directory).map(({ kind, line, from, to }) => {
    const [before, after] = [from.split(/\b/), to.split(/\b/)]
    const start = before.findIndex((word, i) => word !== after[i])
    return `${kind} ${line}: ${after.slice(start).join('').slice(0, 70)}`
  })
  expect(mutants).toMatchInlineSnapshot(`
    [
      "rule 24: true,",
      "guard 24: true && rule('below the limit', n.count < doubled),",
      "guard 37: false) return c.set('heard', now)",
      "send 26: ;",
      "set 27: told: next(n) })",
      "set 27: ) })",
      "set 37: ",
      "recover 19: : (...given) => (n => n)(...given).delete('count'),",
      "recover 19: : (...given) => (n => n)(...given).delete('told'),",
      "boundary 24:  <= doubled),",
      "boundary 37:  >= before) return c.set('heard', now)",
      "number 7: 0",
      "number 7: 2",
      "number 10: 1",
      "number 10: 3",
      "negate 24:  !== n.count && rule('below the limit', n.count < doubled),",
      "negate 37:  (!(now > before)) return c.set('heard', now)",
      "swap 26: n.count, before: next(n) })",
      "twice 26: { send(nodes.client, { type: 'Count', now: next(n), before: n.count })",
      "network 13: fair-loss',",
    ]
  `)
})

/** What came of a mutant, without what a run decides. */
const said = ({ kind, line, result, by, steps, at, differs }: { [name: string]: unknown }): string =>
  `${kind} ${line}: ${result}${by === null ? '' : ` by ${by}`}${steps === null ? '' : ` in ${steps}`}${at === null ? '' : ` at ${JSON.stringify(at)}`}${result === 'survived' ? `, ${(differs as string[])[0]}` : ''}`

test('each is killed, or does the same, or survives, with a reason or without; a reason for nothing is an error', async () => {
  const { directory, file } = written(`
export const proofs = [{}, { limit: 1.5 }]
export const survivors = [
  { from: "if (now > before) return c.set('heard', now)", to: "if (now >= before) return c.set('heard', now)", because: 'It never is the same.' },
  { from: 'recover: n => n,', to: "recover: (...given) => (n => n)(...given).delete('told'),", because: 'A server that has told nobody counts no more.' },
]`)
  const { code, out } = await run(`mutate ${file} --json`, {}, { directory })
  const { mutants, unused, ...counts } = JSON.parse(out)
  expect(mutants.map(said)).toMatchInlineSnapshot(`
    [
      "rule 24: killed by small in 3",
      "guard 24: same",
      "guard 37: killed by hears",
      "send 26: killed by hears",
      "set 27: killed by hears",
      "set 27: killed by hears",
      "set 37: killed by hears",
      "recover 19: killed by grows in 2",
      "recover 19: argued by A server that has told nobody counts no more.",
      "boundary 24: killed by small in 3",
      "boundary 37: same",
      "number 7: killed by hears",
      "number 7: killed by small in 2 at {"limit":1.5}",
      "number 10: killed by hears",
      "number 10: killed by small in 3",
      "negate 24: killed by hears",
      "negate 37: killed by hears",
      "swap 26: killed by hears",
      "twice 26: alike",
      "network 13: alike",
    ]
  `)
  expect(unused).toMatchObject([{ because: 'It never is the same.' }])
  expect(counts).toEqual({ protocol: 'counter', parameters: { limit: 1 }, killed: 15, same: 2, alike: 2, survived: 0, argued: 1, undecided: 0, left: 0 })
  expect(code).toBe(1)
})

test('a protocol that does not hold has nothing to tell', async () => {
  const { directory, file } = written()
  expect(await run(`mutate ${file} --limit 4`, {}, { directory })).toMatchObject({ code: 2, err: expect.stringContaining('NOTHING TO TELL') })
})

test('of time: a clock that stands still, nothing that is due, and a message that takes longer', async () => {
  const { directory, file } = written('', timed)
  const { out } = await run(`mutate ${file} --json`, {}, { directory })
  const { mutants } = JSON.parse(out)
  expect(mutants.map(said)).toMatchInlineSnapshot(`
    [
      "guard 15: killed by deadlock in 6",
      "guard 15: same",
      "guard 19: survived, asker.ask does something else in 1 place",
      "guard 19: same",
      "send 21: killed by heardFirst in 4",
      "send 32: killed by heardFirst in 5",
      "set 14: killed by rings",
      "set 16: killed by heardFirst in 6",
      "set 22: killed by heardFirst in 1",
      "set 22: killed by inTime in 4",
      "tick 14: killed by rings",
      "due 15: killed by inTime in 2",
      "number 14: survived, asker.tick does something else in 2 places",
      "number 14: killed by rings",
      "number 14: killed by heardFirst in 4",
      "number 15: killed by inTime in 2",
      "number 19: killed by deadlock in 0",
      "number 22: killed by heardFirst in 4",
      "number 22: survived, asker.ask does something else in 1 place",
      "number 22: killed by heardFirst in 4",
      "number 22: survived, asker.ask does something else in 1 place",
      "negate 15: killed by inTime in 2",
      "negate 15: killed by inTime in 2",
      "negate 19: killed by deadlock in 0",
      "negate 19: killed by deadlock in 0",
      "twice 21: alike",
      "twice 32: alike",
      "network 8: killed by NOT A PROTOCOL",
      "delay 9: killed by heardFirst in 5",
    ]
  `)
})

/** Nobody looks at a clock, and there are too many permutations of nodes for a hash of states. */
const clockless = `
import { Record } from 'immutable'
import { family, synchronous } from 'protocheck'
class Node extends Record({ isDone: false }) {}
export const clockless = family({ nodes: 7 }, ({ nodes }) => ({
  name: 'clockless',
  network: 'reliable',
  timing: synchronous({ delay: { max: 1 }, horizon: 3 }),
  roles: { node: { count: nodes, init: () => new Node(), on: {}, actions: { work: { when: n => !n.isDone, do: n => n.set('isDone', true) } } } },
  properties: {},
}))
`

test('another horizon is another protocol, though nodes do the same in the same states: the time is another', async () => {
  const { directory, file } = written('', clockless)
  const start = clockless.indexOf('3 })')
  const mutant = { file: join(directory, 'counter.ts'), start, end: start + 1, text: '4' }
  const task = { protocol: file, parameters: {}, mutant, compare: true, states: 1000, seconds: 60 }
  expect(await runMutant(await loadSpec(file, directory), task, directory)).toMatchObject({ verdict: 'holds', differs: [] })
})
