/** What the page knows, without its UI: executions with branches, what may happen next, what properties say, and addresses. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadSpec } from '../../checker/cli/load.ts'
import { parametersOf, readTrace } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { withAction } from '../../checker/protocol/change.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { System } from '../../checker/run/system.ts'
import { walkTrace } from '../../checker/trace/replay.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { Walker } from '../../checker/trace/walk.ts'
import { addressText, beginningIn, followText } from '../../page/session/address.ts'
import { Sessions } from '../../page/session/beginnings.ts'
import { codeFor } from '../../page/session/code-for.ts'
import { hasChanged, type Marked, marked } from '../../page/session/marked.ts'
import { nextSteps } from '../../page/session/next-steps.ts'
import { packed, unpacked } from '../../page/session/packed.ts'
import { listed, truthOf, violatedSince } from '../../page/session/properties.ts'
import { ask } from '../../page/session/questions.ts'
import { ruledWalker } from '../../page/session/rules.ts'
import { type Moment, Session } from '../../page/session/session.ts'

const folder = fileURLToPath(new URL('../../counterexamples/', import.meta.url))
const saved = readdirSync(folder).flatMap(protocol =>
  readdirSync(`${folder}${protocol}`).flatMap(file => (file.endsWith('.json') ? [`${protocol}/${file.replace('.json', '')}`] : [])),
)

const load = async (name: string) => {
  const trace = readTrace(`${folder}${name}.json`, '/')
  const spec = await loadSpec(trace.protocol, '/')
  const claim = trace.mutant === null && Object.hasOwn(spec.claims, trace.property) ? trace.property : null
  const protocol = findVariant(spec, { mutant: trace.mutant, claim }).make(parametersOf(trace, spec, name))
  return { trace, protocol, session: walked(trace, walkerOf(protocol)) }
}

const walked = (trace: Trace, walker: Walker): Session => {
  const found = walkTrace(walker, trace)
  if ('kind' in found) throw new Error(found.why)
  return Session.walked(trace, walker, found)
}

const walkerOf = (protocol: AnyProtocol): Walker => new Walker(new System(protocol))
const endOf = (session: Session): Moment => session.pathThrough(session.first).at(-1) as Moment
const textsAt = (session: Session, at: Moment): string[] => nextSteps(session, at).flatMap(({ steps }) => steps.map(({ text }) => text))

const takeText = (session: Session, at: Moment, text: string): Moment => {
  const found = nextSteps(session, at)
    .flatMap(({ steps }) => steps)
    .find(step => step.text === text)
  if (found === undefined) throw new Error(`${text}: there is ${textsAt(session, at).join(' | ')}`)
  return session.take(at, found.taken, 'you')
}

describe('an address', () => {
  test('of the longest saved counterexamples has at most 600 characters, and leads there again', async () => {
    let longest = 0
    // Of all 125 the longest was 360 characters, primary-backup/oldMessages.
    const long = saved.filter(name => readTrace(`${folder}${name}.json`, '/').steps.length >= 20)
    expect(long).toContain('raft/figure8')
    for (const name of long) {
      const { session, protocol, trace } = await load(name)
      const address = await packed(addressText(session, endOf(session)))
      longest = Math.max(longest, address.length)
      expect(address).toMatch(/^[\w-]+$/)
      const again = Session.begin(walkerOf(protocol))
      const { at, lost } = followText(again, (await unpacked(address)) as string)
      expect([name, lost, at.number]).toEqual([name, null, trace.steps.length])
      expect(at.nodes).toEqual(endOf(session).nodes)
    }
    expect(longest).toBeLessThanOrEqual(600)
  })

  test('says where a step is no more, and stands at the step that it names', async () => {
    const { session, protocol } = await load('lamport-mutex/reordered')
    const path = session.pathThrough(session.first)
    const text = addressText(session, path[3] as Moment)
    expect(text.split('\n').slice(0, 4)).toEqual(['3', 'p2 request', 'p1 request', 'p1<p2 Request'])
    expect(followText(Session.begin(walkerOf(protocol)), text)).toMatchObject({ at: { number: 3 }, lost: null })
    const edited = withAction(
      protocol as never,
      'process' as never,
      'enter' as never,
      ((enter: object) => ({ ...enter, when: () => false })) as never,
    ) as AnyProtocol
    const { at, lost } = followText(Session.begin(walkerOf(edited)), addressText(session, path[8] as Moment))
    expect(at.number).toBe(4)
    expect(lost).toBe('The link has 8 steps. Step 5, p2 enter, cannot be taken any more: the protocol has changed since. What is shown ends before it.')
  })

  test('that is none is none', async () => {
    expect(await unpacked('<script>')).toBe(null)
    expect(await unpacked('abcd')).toBe(null)
    const bomb = await packed('x'.repeat(3_000_000))
    expect(bomb.length).toBeLessThan(5_000)
    expect(await unpacked(bomb)).toBe(null)
    const { protocol } = await load('lamport-mutex/reordered')
    expect(followText(Session.begin(walkerOf(protocol)), '99999999999\n__proto__')).toMatchObject({ at: { number: 0 } })
  })
})

describe('what may happen next', () => {
  test('is what the protocol allows, by node; and of the rest why not', async () => {
    const { session } = await load('lamport-mutex/reordered')
    const groups = nextSteps(session, session.first)
    expect(groups.map(({ node, steps }) => [node, steps.map(({ text }) => text)])).toEqual([
      ['p1', ['p1 request']],
      ['p2', ['p2 request']],
    ])
    expect(groups[0]?.barred.map(({ what }) => what)).toEqual(['p1 enter', 'p1 exit'])
    expect(groups[0]?.barred[0]?.why).toMatch(/^enter is not enabled: p1 is /)
  })

  test('is at each state of a walk what the walker says, what changes nothing apart', async () => {
    const { session } = await load('raft/figure8')
    for (const moment of session.pathThrough(session.first)) {
      const { live } = moment
      if (live === null || session.walker === null) throw new Error('no walker')
      const all = [...session.walker.successors(live.state), ...session.walker.losses(live.state)]
      expect(textsAt(session, moment)).toHaveLength(all.length)
    }
  })

  test('says what the bound of the model leaves out', async () => {
    const { session } = await load('lamport-mutex/reordered')
    let at = session.first
    const barred: string[] = []
    for (let k = 0; k < 60; k++) {
      const groups = nextSteps(session, at)
      barred.push(...groups.flatMap(({ barred: here }) => here.map(({ what, why }) => `${what}: ${why}`)))
      const all = groups.flatMap(({ steps }) => steps)
      const next = all[(k * 7) % all.length]
      if (next === undefined) break
      at = session.take(at, next.taken, 'you')
    }
    expect(barred.filter(text => text.endsWith(': It would lead outside the bounds of the model.'))).not.toEqual([])
  })
})

test('of several initial states each may be begun in, and an address names it', async () => {
  const { session, protocol } = await load('lamport-mutex/reordered')
  expect(session.hasOtherBeginnings).toBe(false)
  expect(new Sessions(session).beginnings).toHaveLength(1)
  const role = protocol.roles['process'] as (typeof protocol.roles)[string]
  const init = ({ choose }: { choose(of: readonly unknown[]): unknown }) =>
    (role.init({} as never) as unknown as { set(name: string, value: unknown): unknown }).set('clock', choose([1, 2]))
  const several = { ...protocol, roles: { process: { ...role, init } } } as unknown as AnyProtocol
  const first = Session.begin(walkerOf(several), undefined, 'mine')
  expect(first.hasOtherBeginnings).toBe(true)
  const sessions = new Sessions(first)
  expect([sessions.own, sessions.at(0) === first]).toEqual([0, true])
  expect(sessions.beginnings.map(({ text }) => text)).toEqual([
    'Initially p1 chooses 1, p2 1',
    'Initially p1 chooses 1, p2 2',
    'Initially p1 chooses 2, p2 1',
    'Initially p1 chooses 2, p2 2',
  ])
  const third = sessions.at(2)
  expect([third.first.nodes['p1'], third.about.mutant, sessions.at(2) === third]).toEqual([expect.objectContaining({ clock: 2 }), 'mine', true])
  const at = takeText(third, third.first, 'p2 request')
  const text = addressText(third, at, sessions.beginnings[2]?.text)
  expect(text).toBe('1 Initially p1 chooses 2, p2 1\np2 request')
  expect([beginningIn(text), beginningIn(addressText(first, first.first))]).toEqual(['Initially p1 chooses 2, p2 1', null])
  expect(followText(third, text)).toMatchObject({ at: { number: 1 }, lost: null })
})

describe('branches', () => {
  test('a step that was taken before leads to the same moment; another makes a branch; a branch is removed', async () => {
    const { session } = await load('lamport-mutex/reordered')
    const [first, second] = session.pathThrough(session.first) as [Moment, Moment]
    expect(takeText(session, first, 'p2 request')).toBe(second)
    const other = takeText(session, first, 'p1 request')
    expect(first.after).toEqual([second, other])
    expect(session.pathThrough(first)).toEqual([first, other])
    session.look(second)
    expect(session.pathThrough(first)).toHaveLength(9)
    expect(session.ends()).toHaveLength(2)
    expect(session.remove(other)).toBe(first)
    expect(session.remove(second)).toBe(second)
    expect(session.ends()).toHaveLength(1)
  })

  test('without a protocol there is the trace, and nothing else', async () => {
    const { trace } = await load('lamport-mutex/reordered')
    const session = Session.of(trace, 'no protocol')
    expect(session.pathThrough(session.first)).toHaveLength(9)
    expect(nextSteps(session, session.first)).toEqual([])
    expect(session.waiting(session.pathThrough(session.first)[2] as Moment).map(({ from, to, sent }) => [from, to, sent])).toEqual([
      ['p2', 'p1', 1],
      ['p1', 'p2', 2],
    ])
    const text = addressText(session, session.pathThrough(session.first)[5] as Moment)
    expect(followText(Session.of(trace), text)).toMatchObject({ at: { number: 5 }, lost: null })
  })
})

test('a message that grows older is the one that was sent', async () => {
  const { session } = await load('berkeley/closeForEver')
  const end = endOf(session)
  expect(session.waiting(end).map(({ from, to, sent, message }) => [from, to, sent, message])).toEqual([['master', 's2', 5, { type: 'Move', by: 0, age: 1 }]])
})

describe('properties', () => {
  test.each(['lamport-mutex/reordered', 'raft/votesTwice', 'primary-backup/splitBrain', 'quorum-register/linearizable'])(
    '%s: the one that is violated is so at the end only',
    async name => {
      const { session, trace } = await load(name)
      const end = endOf(session)
      const { answer, why } = truthOf(session, end, trace.property)
      expect([answer, why === null]).toEqual(['violated', false])
      expect(violatedSince(session, end, trace.property)).toBe(end)
      for (const moment of session.pathThrough(session.first).slice(0, -1)) expect(truthOf(session, moment, trace.property).answer).toBe('holds')
      for (const { name } of listed(session)) expect(truthOf(session, end, name).answer).not.toBe('error')
    },
  )

  test('say which nodes broke them, and what was read', async () => {
    const { session } = await load('lamport-mutex/reordered')
    expect(truthOf(session, endOf(session), 'mutualExclusion')).toEqual({
      answer: 'violated',
      why: 'p1 and p2 together break it.',
      decided: [
        { name: 'p1', fields: ['inCriticalSection'] },
        { name: 'p2', fields: ['inCriticalSection'] },
      ],
    })
    expect(truthOf(session, session.first, 'somebodyEnters').answer).toBe('not reached')
    expect(truthOf(session, endOf(session), 'somebodyEnters').answer).toBe('reached')
  })
})

test('the rules that a step asked for, and what they found: a mutant decides one that does not hold', async () => {
  const { trace, protocol } = await load('raft/votesTwice')
  const ruled = ruledWalker(protocol)
  const session = walked(trace, ruled.walker)
  const path = session.pathThrough(session.first)
  expect(path.map(at => ruled.asked(at).map(({ label, answers, isDecided }) => [label, answers, isDecided]))).toEqual([
    [],
    [],
    [],
    ...[3, 4].map(() => [
      ['the log of the candidate is up to date', [true], false],
      ['one vote a term', [false], true],
    ]),
    ...[5, 6].map(() => [['a quorum voted', [true], false]]),
  ])
})

describe('the checker', () => {
  test('is asked from a state on, and its answer is a branch', async () => {
    const { session, protocol } = await load('lamport-mutex/reordered')
    const at = session.pathThrough(session.first)[5] as Moment
    const answer = await ask(protocol, { want: 'violation', property: 'mutualExclusion', after: session.traceTo(at), seconds: 30 }, () => {})
    if (answer.kind !== 'found') throw new Error(answer.kind)
    expect([answer.steps.length, answer.isShortest]).toEqual([3, true])
    const { end, failed } = session.follow(at, answer.steps, 'answer')
    expect([failed, truthOf(session, end, 'mutualExclusion').answer]).toEqual([null, 'violated'])
  })

  test('knows what cannot be reached any more, and the way to what can', async () => {
    const { trace } = await load('lamport-mutex/reordered')
    const protocol = (await loadSpec('lamport-mutex', '/')).make({ processes: trace.parameters['processes'] as number })
    expect(
      await ask(protocol, { want: 'violation', property: 'mutualExclusion', after: Session.begin(walkerOf(protocol)).about, seconds: 30 }, () => {}),
    ).toMatchObject({
      kind: 'never',
      why: null,
    })
    expect(
      await ask(protocol, { want: 'satisfied', property: 'somebodyEnters', after: Session.begin(walkerOf(protocol)).about, seconds: 30 }, () => {}),
    ).toMatchObject({
      kind: 'found',
      isShortest: true,
    })
    expect(
      await ask(protocol, { want: 'violation', property: 'nothing', after: Session.begin(walkerOf(protocol)).about, seconds: 30 }, () => {}),
    ).toMatchObject({ kind: 'error' })
  })
})

describe('what changed', () => {
  const texts = (value: Marked): string[] =>
    value.kind === 'leaf'
      ? value.before === null
        ? []
        : [`${value.before} → ${value.text}`]
      : value.parts.flatMap(({ key, mark, value: inside }) =>
          mark === null ? texts(inside).map(text => `${key ?? ''} ${text}`.trim()) : [`${mark} ${key ?? (inside.kind === 'leaf' ? inside.text : '…')}`],
        )

  test.each([
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, ['b 2 → 3']],
    [{ $set: [1, 2] }, { $set: [2, 3] }, ['added 3', 'removed 1']],
    [
      {
        m: {
          $map: [
            ['x', { n: 1 }],
            ['y', 2],
          ],
        },
      },
      {
        m: {
          $map: [
            ['x', { n: 2 }],
            ['z', 2],
          ],
        },
      },
      ['m x n 1 → 2', 'm added z', 'm removed y'],
    ],
    [
      [1, 2, 3],
      [1, 4, 3, 5],
      ['2 → 4', 'added 5'],
    ],
    [[1, 2, 3], [2, 3], ['removed 1']],
    [{ a: 1 }, [1], ['{a: 1} → [1]']],
    [{ a: null }, { b: null }, ['added b', 'removed a']],
    [1, 1, []],
  ] as const)('%j to %j', (before, after, expected) => {
    const value = marked(before as never, after as never)
    expect(texts(value).sort()).toEqual([...expected].sort())
    expect(hasChanged(value)).toBe(expected.length > 0)
  })
})

test('the code of a step is that of its node; of a tick that of all clocks, and of what is due', async () => {
  const { session } = await load('failure-detector/hasty')
  const code = Object.fromEntries(
    ['action ask', 'handler Ping', 'tick tick', 'due due'].map(key => [`node ${key}`, [{ file: 'protocol.ts', line: 1, text: key, cites: null }]]),
  )
  const texts = session.pathThrough(session.first).map(at => codeFor(session, at, code).map(({ text }) => text))
  expect(texts.slice(0, 5)).toEqual([[], ['action ask'], ['action ask'], ['tick tick', 'due due'], ['handler Ping']])
})
