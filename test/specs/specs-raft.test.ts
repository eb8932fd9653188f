import { describe, expect, test } from 'vitest'
import { raft } from '../../specs/raft/protocol.ts'
import { counted } from '../support/specs-support.ts'

describe('Raft', () => {
  test.each([
    { nodes: 3, terms: 1, broadcasts: 0, crashes: 0, states: 377, depth: 9, source: 'the naive oracle' },
    { nodes: 3, terms: 1, broadcasts: 1, crashes: 0, states: 63_593, depth: 20, source: 'an independent search that keeps whole states as texts' },
  ])(
    'nodes $nodes, terms $terms, broadcasts $broadcasts, crashes $crashes: $states states; source: $source',
    async ({ states, depth, source: _, ...parameters }) => {
      expect(await counted(raft(parameters), [])).toEqual({ verdict: 'holds', property: null, complete: true, states, depth })
    },
  )
})
