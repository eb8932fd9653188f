// etcd-io/raft#99: lease reads and leadership transfer: a transfer's forced election ignores the lease that the old leader still relies on.
// Time: a global step `tick` ages what every node measures; clocks are perfect unless `slow` (the leader's clock may miss ticks: etcd-io/etcd#20418, paused processes).
import { Record } from 'immutable'
import {
  eachPair,
  family,
  type GlobalHere,
  type Id,
  kept,
  linearization,
  type Mutants,
  type OperationEvent,
  observed,
  type Protocol,
  type RegisterOperation,
  reachable,
  register,
  some,
} from '../../checker/index.ts'

type Node = Id<'node'>
class Server extends Record({
  term: 0,
  votedFor: null as Node | null,
  value: 0, // the log: whether it has the one write, and in which term it was appended (0: not)
  committed: false,
  role: 'follower' as 'follower' | 'leader',
  heard: 9, // ticks since it heard of a leader (at most `timeout`)
  lease: 9, // leader: ticks since the start of the last round of heartbeats that a quorum answered
}) {}
type Roles = { node: { state: Server; inbox: { readonly type: 'TimeoutNow'; readonly term: number } } }
type Event = OperationEvent<RegisterOperation<number>, number | undefined>
const majority = (n: number, of: readonly unknown[]) => n * 2 > of.length
const follow = (n: Server, term: number) => (term > n.term ? n.merge({ term, votedFor: null, role: 'follower' }) : n)

export const lease = family(
  { nodes: 3, terms: 2, timeout: 2, transfers: true, forced: false, slow: false },
  ({ nodes, terms, timeout, transfers, forced, slow }) => {
    const elect = (w: GlobalHere<Roles, Event>, self: Node, force: boolean) => {
      const me = w.get(self)
      const term = me.term + 1
      let votes = 1
      for (const peer of w.nodes.node) {
        if (peer === self || !w.choose([true, false])) continue
        const p = w.get(peer)
        if (!force && p.heard < timeout && p.role !== 'leader') continue // it heard of a leader not long ago
        if (!force && p.role === 'leader' && p.lease < timeout) continue
        if (term <= p.term || me.value < p.value) continue
        votes++
        w.set(peer, follow(p, term).set('votedFor', self))
      }
      const wins = majority(votes, w.nodes.node)
      w.set(self, follow(me, term).merge({ votedFor: self, role: wins ? 'leader' : 'follower', lease: timeout, committed: false }))
    }
    return {
      name: 'lease-reads',
      source: 'etcd-io/raft#99, etcd-io/etcd#20418',
      network: 'reliable',
      roles: {
        node: {
          count: nodes,
          init: () => new Server({ heard: timeout, lease: timeout }),
          actions: {
            transfer: {
              when: n => transfers && n.role === 'leader',
              do(n, { choose, others, send }) {
                send(choose(others), { type: 'TimeoutNow', term: n.term })
                return n
              },
            },
            read: {
              when: n => n.role === 'leader' && n.lease < timeout,
              do(n, { emit }) {
                emit({ type: 'invoke', op: 'read', id: 'r' })
                emit({ type: 'return', id: 'r', result: n.committed ? 1 : 0 })
                return n
              },
            },
          },
          // the election itself is a global step: here the node only notes that it may
          on: { TimeoutNow: (n, { term }) => (term === n.term ? n.set('heard', timeout + 1) : n) },
          within: n => n.term <= terms,
        },
      },
      steps: {
        tick: {
          do(w) {
            for (const id of w.nodes.node) {
              const n = w.get(id)
              const aged = slow && n.role === 'leader' && w.choose([false, true]) ? n : n.set('lease', Math.min(timeout, n.lease + 1))
              w.set(id, aged.set('heard', n.heard > timeout ? n.heard : Math.min(timeout, n.heard + 1)))
            }
          },
        },
        campaign: {
          do(w) {
            const self = w.choose(w.nodes.node.filter(n => w.get(n).role !== 'leader' && w.get(n).heard >= timeout))
            elect(w, self, forced && w.get(self).heard > timeout)
          },
        },
        // one round of heartbeats, answered at once by those that are reached; it carries the log
        beat: {
          do(w) {
            const self = w.choose(w.nodes.node.filter(n => w.get(n).role === 'leader'))
            const me = w.get(self)
            let acks = 1
            for (const peer of w.nodes.node) {
              if (peer === self || !w.choose([true, false])) continue
              const p = w.get(peer)
              if (p.term > me.term) continue
              acks++
              w.set(peer, follow(p, me.term).merge({ role: 'follower', heard: 0, value: me.value }))
            }
            if (!majority(acks, w.nodes.node)) return
            const commits = me.value === me.term && !me.committed
            w.set(self, me.merge({ lease: 0, committed: me.value !== 0 }))
            if (commits) w.emit(self, { type: 'return', id: 'w' })
          },
        },
        // the one write: only if no node has it
        write: {
          when: w => w.nodes.node.every(n => w.get(n).value === 0),
          do(w) {
            const self = w.choose(w.nodes.node.filter(n => w.get(n).role === 'leader'))
            w.emit(self, { type: 'invoke', op: 'write', value: 1, id: 'w' })
            w.set(self, w.get(self).set('value', w.get(self).term))
          },
        },
      },
      observers: { clients: linearization(register(0)) },
      properties: {
        linearizable: observed('clients', kept),
        oneLeader: eachPair(
          'node',
          n => (n.role === 'leader' ? n.term : null),
          (a, b) => a === null || a !== b,
        ),
        reads: reachable(
          some(
            'node',
            n => n,
            n => n.role === 'leader' && n.committed && n.lease < timeout,
          ),
        ),
      },
    } satisfies Protocol<Roles, Event>
  },
)
export const mutants = {
  forcedVote: {
    because: 'A transfer makes the others vote although they heard of the leader not long ago, and the old leader reads on by its lease.',
    breaks: 'linearizable',
    parameters: { forced: true },
    length: 8,
    change: s => s,
  },
  slowClock: {
    because: "The leader's clock runs slower than the others', or it is paused between the look at its lease and the answer.",
    breaks: 'linearizable',
    parameters: { slow: true, transfers: false },
    length: 8,
    change: s => s,
  },
} satisfies Mutants<typeof lease>
