// ZOOKEEPER-4643 and -4646 (apache/zookeeper#2028, #1993): order of the follower's disk writes on NEWLEADER: epoch file, history, acknowledgement.
import { List, Record, Set } from 'immutable'
import { crashRecovery, family, type Id, isPrefix, kept, type Mutants, type Observer, observed, type Protocol, reachable, some } from '../../checker/index.ts'

type Server = Id<'server'>
class Txn extends Record({ epoch: 0, n: 0 }) {}
class Peer extends Record({
  // on disk
  epoch: 0, // currentEpoch
  accepted: 0, // acceptedEpoch
  history: List<Txn>(),
  // in memory
  role: 'looking' as 'looking' | 'following' | 'leading',
  leader: null as Server | null,
  pending: null as List<Txn> | null, // queued for the thread that writes the log
  acks: Set<Server>(),
  commits: 0,
}) {}

type Message =
  | { readonly type: 'NewLeader'; readonly epoch: number; readonly history: List<Txn> }
  | { readonly type: 'Propose'; readonly epoch: number; readonly history: List<Txn> }
  | { readonly type: 'Ack'; readonly epoch: number; readonly size: number }

type Roles = { server: { state: Peer; inbox: Message } }
type Event = { readonly type: 'commit'; readonly history: List<Txn> }

class Committed extends Record({ history: List<Txn>(), violation: null as List<Txn> | null }) {}
const committed: Observer<Event, Committed> = {
  init: new Committed(),
  on: (s, { history }) => {
    if (s.violation !== null) return s
    if (isPrefix(s.history, history)) return s.set('history', history)
    return isPrefix(history, s.history) ? s : s.set('violation', history)
  },
}

const last = (h: List<Txn>) => h.last() ?? new Txn()
const atLeast = (a: Peer, b: Peer) => {
  const [x, y] = [last(a.history), last(b.history)]
  return a.epoch !== b.epoch ? a.epoch > b.epoch : x.epoch !== y.epoch ? x.epoch > y.epoch : x.n >= y.n
}

export const zabSync = family(
  { servers: 3, epochs: 3, txns: 1, crashes: 3, disk: 'history, epoch, ack' },
  ({ servers, epochs, txns, crashes, disk }) =>
    ({
      name: 'zab-sync',
      source: 'ZOOKEEPER-4643, ZOOKEEPER-4646',
      network: 'fifo',
      faults: [crashRecovery('server', { atMost: crashes })],
      roles: {
        server: {
          count: servers,
          init: () => new Peer(),
          recover: p => p.merge({ role: 'looking', leader: null, pending: null, acks: Set(), commits: 0 }),
          actions: {
            // the connection is lost, or the leader silent
            gaveUp: {
              when: p => p.role !== 'looking' && p.pending === null,
              do: p => p.merge({ role: 'looking', leader: null, pending: null, acks: Set(), commits: 0 }),
            },
            // the thread that writes the log
            write: {
              when: p => p.pending !== null,
              do(p, { send }) {
                const history = p.pending ?? List<Txn>()
                if (disk !== 'ack, history') send(p.leader as Server, { type: 'Ack', epoch: p.accepted, size: history.size })
                return p.merge({ history, pending: null, epoch: p.accepted })
              },
            },
            propose: {
              when: (p, { nodes }) => p.role === 'leading' && p.acks.size * 2 > nodes.server.length && p.history.size < txns,
              do(p, { self, broadcast }) {
                const history = p.history.push(new Txn({ epoch: p.epoch, n: p.history.size + 1 }))
                broadcast({ type: 'Propose', epoch: p.epoch, history })
                return p.merge({ history, acks: Set([self]) })
              },
            },
          },
          on: {
            NewLeader(p, { epoch, history }, from: Server, { send }) {
              if (p.role !== 'following' || p.leader !== from || epoch !== p.accepted) return p
              if (disk === 'epoch, history, ack') return p.merge({ epoch, pending: history })
              if (disk === 'ack, history') send(from, { type: 'Ack', epoch, size: history.size })
              return p.set('pending', history)
            },
            Propose(p, { epoch, history }, from: Server, { send }) {
              if (p.role !== 'following' || p.leader !== from || epoch !== p.epoch) return p
              send(from, { type: 'Ack', epoch, size: history.size })
              return p.set('history', history)
            },
            Ack(p, { epoch, size }, from: Server, { nodes, emit }) {
              if (p.role !== 'leading' || epoch !== p.epoch || size !== p.history.size) return p
              const acks = p.acks.add(from)
              if (acks.size * 2 > nodes.server.length && size > p.commits) {
                emit({ type: 'commit', history: p.history })
                return p.merge({ acks, commits: size })
              }
              return p.set('acks', acks)
            },
          },
          within: p => p.accepted <= epochs,
        },
      },
      steps: {
        // Fast leader election and discovery, in one: of a quorum that is looking, the one with the latest epoch, then the latest transaction.
        elect: {
          do(w) {
            const looking = w.nodes.server.filter(s => w.get(s).role === 'looking')
            const leader = w.choose(looking)
            const follower = w.choose(looking.filter(s => s !== leader && atLeast(w.get(leader), w.get(s))))
            const epoch = Math.max(w.get(leader).accepted, w.get(follower).accepted) + 1
            const me = w.get(leader)
            w.send(leader, follower, { type: 'NewLeader', epoch, history: me.history })
            w.set(follower, w.get(follower).merge({ role: 'following', leader, accepted: epoch }))
            w.set(leader, me.merge({ role: 'leading', leader, accepted: epoch, epoch, acks: Set([leader]) }))
          },
        },
      },
      observers: { committed },
      properties: {
        committedStays: observed('committed', kept),
        commits: reachable(observed('committed', (c: Committed) => c.history.size > 0)),
        thirdEpoch: reachable(
          some(
            'server',
            p => p.epoch,
            e => e === epochs,
          ),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)
export const mutants = {
  epochFirst: {
    because: 'The epoch is written before the history: a crash between leaves a high epoch with an old history.',
    breaks: 'committedStays',
    parameters: { disk: 'epoch, history, ack' },
    length: 12,
    change: s => s,
  },
  ackFirst: {
    because: 'The acknowledgement is sent before the history is written.',
    breaks: 'committedStays',
    parameters: { disk: 'ack, history' },
    length: 12,
    change: s => s,
  },
} satisfies Mutants<typeof zabSync>
