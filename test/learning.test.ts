import { describe, expect, it } from 'vitest'
import { lockServer } from '../bench/lock-server.ts'
import { explore } from '../checker/index.ts'
import { bracha } from './fixtures/bracha.ts'

describe('learning asks handlers for little that a search does not ask', () => {
  it('a message that is alive is not followed into later states: a server that queues clients reacts to all of them everywhere', async () => {
    const protocol = lockServer({ clients: 5 })
    const symmetry = await explore(protocol, { reduce: ['symmetry'] })
    const byDefault = await explore(protocol)
    expect(byDefault.reductions).toContain('dead-messages')
    // Asked about each message in each state of the server there would be 17,000.
    expect(byDefault.handlerCalls).toBeLessThanOrEqual(symmetry.handlerCalls)
    expect(byDefault).toMatchObject({ verdict: 'holds', complete: true, states: symmetry.states })
  })

  it('nor where states of nodes are sets of senders for each value', async () => {
    const protocol = bracha({ honest: 3, liars: 1, values: 1, lies: 4, echoQuorum: 3 })
    const symmetry = await explore(protocol, { reduce: ['symmetry'], states: 100_000 })
    const byDefault = await explore(protocol)
    expect(byDefault.verdict).toBe('holds')
    expect(byDefault.handlerCalls).toBeLessThanOrEqual(2 * symmetry.handlerCalls)
  })
})
