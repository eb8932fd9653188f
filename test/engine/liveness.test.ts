/** Liveness on models whose verdicts others published, and on the smallest that tell a rule from its absence. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { always, eventually, fairDelivery, leadsTo, type Spec, stronglyFairDelivery, weaklyFair, weaklyFairSteps } from '../../checker/index.ts'
import { renderText } from '../../checker/trace/render-text.ts'
import { replay } from '../../checker/trace/replay.ts'
import { lamportMutex } from '../../specs/lamport-mutex/protocol.ts'
import { ewd840 } from '../fixtures/ewd840.ts'
import { alternatingBit, callsInVain, leavesByMessage, peterson, philosophers, twoProcesses } from '../fixtures/liveness-models.ts'
import { askNoResources } from '../support/resources.ts'

askNoResources()

const verdictOf = async (protocol: Spec, property?: string): Promise<string> => {
  const { verdict, counterexample } = await explore(protocol, property === undefined ? {} : { property })
  if (counterexample !== null) expect(replay(counterexample, protocol)).toEqual({ kind: 'violates' })
  return verdict
}

describe('known models', () => {
  test('Peterson: granted if each goes on that can; not if nobody must; not if each keeps the turn', async () => {
    expect(await verdictOf(peterson())).toBe('holds')
    expect(await verdictOf(peterson({ isFair: false }), 'granted')).toBe('violated')
    expect(await verdictOf(peterson({ isPolite: false }), 'mutualExclusion')).toBe('violated')
  })

  test('two processes that take turns: a symmetry reduction would say that one waits for ever', async () => {
    expect(await verdictOf(twoProcesses())).toBe('holds')
  })

  test('philosophers: left first, all may hold one fork; one who begins at the right ends that, and strong fairness starvation', async () => {
    expect(await verdictOf(philosophers({ isOneOther: false }), 'somebodyEats')).toBe('violated')
    expect(await verdictOf(philosophers({ strength: 'weak' }), 'somebodyEats')).toBe('holds')
    expect(await verdictOf(philosophers({ strength: 'weak' }), 'eachEats')).toBe('violated')
    expect(await verdictOf(philosophers(), 'eachEats')).toBe('holds')
  })

  test('alternating bit: all is delivered if links come through at last and the sender goes on', async () => {
    expect(await verdictOf(alternatingBit())).toBe('holds')
    expect(await verdictOf(alternatingBit({ fairness: [stronglyFairDelivery()] }))).toBe('violated')
    expect(await verdictOf(alternatingBit({ fairness: [fairDelivery(), weaklyFair('sender', 'send')] }))).toBe('violated')
  })

  // EWD840 as a TLA+ module by S. Merz: `Liveness == terminated ~> terminationDetected` under WF_vars(System), where System is what passes the token.
  test('EWD840: termination is detected if the token goes on, and need not come about', async () => {
    const made = ewd840({ nodes: 3 })
    const terminated = always(world => world.all('node').every(node => !(node as unknown as { readonly active: boolean }).active))
    const isDetected = leadsTo(terminated, made.properties.detected.predicate as unknown as typeof terminated)
    const asked = (fairness: NonNullable<Spec['fairness']>): Spec => ({ ...made, fairness, properties: { isDetected } })
    expect(await verdictOf(asked([weaklyFairSteps('initiateProbe', 'passToken')]))).toBe('holds')
    expect(await verdictOf(asked([weaklyFairSteps('initiateProbe')]))).toBe('violated')
  })
})

describe('rules', () => {
  test('what is sent again and again takes its receiver out of a cycle, and what is never received is not sent', async () => {
    expect(await verdictOf(leavesByMessage())).toBe('holds')
    expect(await verdictOf({ ...leavesByMessage(), fairness: [weaklyFair('node')] })).toBe('violated')
  })

  test('nothing is owed to a node that has stopped', async () => {
    expect(await verdictOf(callsInVain())).toBe('violated')
    expect(await verdictOf(callsInVain({ mayStop: false }))).toBe('holds')
    expect(await verdictOf({ ...callsInVain({ mayStop: false }), fairness: [weaklyFair('caller')] })).toBe('violated')
  })

  test('a bound is no place to stop', async () => {
    const { roles, ...rest } = leavesByMessage()
    const bounded = { ...rest, roles: { node: { ...roles.node, within: ({ n }: { readonly n: number }) => n < 1 } } }
    const report = await explore(bounded, { property: 'leaves' })
    expect(report.verdict).toBe('inconclusive')
    expect(report.notes.join()).toContain('Every fair execution reaches the bounds of the model')
  })

  test('a lasso is told with what is taken again and again, and why that is fair', async () => {
    const { counterexample } = await explore(philosophers({ strength: 'weak' }), { property: 'eachEats' })
    const text = renderText(counterexample as NonNullable<typeof counterexample>)
    expect(text).toMatch(/eachEats is violated\. Steps \d+ to \d+ may be taken again and again, for ever\./)
    expect(text).toContain('╭')
    expect(text).toMatch(/first\d: cannot be taken in between/)
  })

  test('it takes a complete search from the start', async () => {
    await expect(explore(peterson(), { property: 'granted', depth: 3 })).rejects.toThrow('does not go with a bound on the steps')
    const { notes } = await explore(peterson(), { depth: 3 })
    expect(notes.join()).toContain('granted: not judged')
  })

  test('a limit ends it, and the report says so', async () => {
    const mutex = lamportMutex({ processes: 3, requests: 1, maxClock: Infinity })
    const { verdict, stoppedBy, complete, liveness, parameters } = await explore(mutex, { property: 'eventuallyGranted', states: 2_000 })
    expect({ verdict, stoppedBy, complete }).toEqual({ verdict: 'inconclusive', stoppedBy: 'states', complete: false })
    expect(liveness?.properties).toEqual(['eventuallyGranted'])
    expect(parameters).toEqual({ processes: 3, requests: 1, maxClock: Infinity })
  })

  test('over fair-loss it may not look at what is in flight, which may be lost', async () => {
    const looks: Spec = { ...leavesByMessage(), properties: { quiet: eventually(always(world => world.inFlight.length === 0)) } }
    await expect(explore(looks)).rejects.toThrow('what is to come')
  })

  test('fairness of what there is not is refused', async () => {
    const named = { ...leavesByMessage(), fairness: [{ type: 'weak', role: 'node', actions: ['upp'] }] } as unknown as Spec
    await expect(explore(named)).rejects.toThrow('names action')
  })
})
