import { always, type Claims } from '../../checker/index.ts'
import type { raftPreVote } from './protocol.ts'

export const claims = {
  leaderIsKept: {
    because: 'A majority hears a leader, and yet another node begins the next term: it was told that a majority would vote before these heard the leader.',
    refutes: always(({ all }) => {
      const nodes = all('node')
      return nodes.every(({ currentRole, currentTerm, nodeId }) => {
        const isHeard = currentRole === 'leader' && nodes.filter(n => n.currentTerm === currentTerm && n.currentLeader === nodeId).length > nodes.length / 2
        return !isHeard || nodes.every(n => n.currentTerm <= currentTerm)
      })
    }),
    length: 9,
  },
} satisfies Claims<typeof raftPreVote>
