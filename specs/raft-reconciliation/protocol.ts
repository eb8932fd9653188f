/**
 * Raft with efficient log reconciliation: a follower that lacks the prefix says where the leader has to go on, in place of being asked entry by entry.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "… and that was just the basic form of Raft!", names it. As in D. Ongaro and J. Ousterhout, "In Search of an
 * Understandable Consensus Algorithm", USENIX ATC 2014, section 5.3; all else are the handlers of the nine slides.
 */
import { family, type Proofs, withHandler } from '../../checker/index.ts'
import { raft, raftBounds } from '../raft/protocol.ts'

/** Bounds: those of `raft`. Of two nodes one that has crashed, and leads again, may have two entries that the other lacks; that entries conflict takes three. */
export const raftReconciliation = family({ ...raftBounds, nodes: 2, broadcasts: 2 }, bounds => {
  const slides = raft(bounds)

  // "The follower can include the term of the conflicting entry and the first index it stores for that term." Where it has no such entry, its log ends before: it says how long it is.
  const answers = withHandler(
    slides,
    'node',
    'LogRequest',
    LogRequest => (n, request, leaderId, here) =>
      LogRequest(n, request, leaderId, {
        ...here,
        send(to, answer) {
          if (answer.type !== 'LogResponse' || answer.success || answer.term !== request.term) return here.send(to, answer)
          const term = n.log.get(request.prefixLen - 1)?.term
          const start = term === undefined ? n.log.size : n.log.findIndex(entry => entry.term === term)
          here.send(to, { ...answer, ack: start })
        },
      }),
  )

  // "The leader can decrement nextIndex to bypass all of the conflicting entries in that term": the slide takes one more away.
  const spec = withHandler(answers, 'node', 'LogResponse', LogResponse => (n, response, follower, here) => {
    const sent = n.sentLength.get(follower, 0)
    const isRefused = n.currentRole === 'leader' && response.term === n.currentTerm && !response.success
    const skips = isRefused && here.rule('it goes back to where the follower says', response.ack + 1 < sent)
    return LogResponse(skips ? n.set('sentLength', n.sentLength.set(follower, response.ack + 1)) : n, response, follower, here)
  })

  return {
    ...spec,
    name: 'raft-reconciliation',
    source: 'Kleppmann 2025/26, Distributed Systems, slide … and that was just the basic form of Raft!; Ongaro & Ousterhout 2014, section 5.3',
  }
})

export const proofs = [
  {},
  { nodes: 3, crashes: 0, slow: true },
  { nodes: 3, broadcasts: 1, crashes: 0, length: 1, slow: true },
  // A follower whose entries conflict.
  { nodes: 3, terms: 3, broadcasts: 1, crashes: 0, length: 1, slow: true },
] satisfies Proofs<typeof raftReconciliation>
