/**
 * The CAP theorem: "A system can be either strongly Consistent (linearizable) or Available in the presence of a network Partition".
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slide "The CAP theorem". The store is that of `abd`; one that is to be available takes any one replica for a quorum.
 * S. Gilbert and N. Lynch, "Brewer's Conjecture and the Feasibility of Consistent, Available, Partition-Tolerant Web Services", ACM SIGACT News 33(2), 2002.
 */
import type { Set } from 'immutable'
import {
  always,
  canAlways,
  family,
  type Id,
  kept,
  observed,
  type Proofs,
  type Protocol,
  partition,
  reachable,
  type World,
  withRule,
} from '../../checker/index.ts'
import { abd, type Event, type Roles } from '../abd/protocol.ts'

type Client = Id<'writer' | 'reader'>
type Groups = Set<Set<Id>>
type OfStore = World<Roles, string>

/** Which clients wait for an answer. */
const waiting = ({ nodes, get }: OfStore): readonly Client[] =>
  [...nodes.writer, ...nodes.reader].filter(id => {
    const { values, stored } = get(id)
    return values !== null || stored !== null
  })

/** A client on the side of more than half of the replicas; all are while nothing is apart. */
const isWithMost = ({ nodes, observer }: OfStore, client: Client): boolean => {
  const groups = observer('partition') as Groups
  const group = groups.find(of => of.has(client))
  return group === undefined || group.filter(({ kind }) => kind === 'replica').size > nodes.replica.length / 2
}

const isParted = ({ observer }: OfStore): boolean => !(observer('partition') as Groups).isEmpty()

/**
 * Of three replicas one is cut off, with the clients beside it: "C must either wait indefinitely for the network to recover, or return a potentially stale value". `prefers` is `consistency` or
 * `availability`. What is available is asked of a partition that lasts; with `heals` it may end.
 */
export const cap = family({ replicas: 3, writes: 1, readers: 1, reads: 1, prefers: 'consistency', heals: false }, ({ prefers, heals, ...bounds }) => {
  const store = abd(bounds)
  // "Replicas process operations based only on their local state": the first replica that answers is enough.
  const local = ['a quorum is read', 'a quorum stores what is read', 'a quorum stores what is written'].reduce(
    (spec, rule) => withRule(spec, rule, true),
    store,
  )
  const isConsistent = prefers === 'consistency'

  return {
    name: 'cap',
    source: 'Kleppmann 2025/26, Distributed Systems, slide The CAP theorem; Gilbert & Lynch 2002',
    network: 'reliable',
    faults: [partition([{ replica: 1, reader: 1 }], { atMost: 1, heals })],
    roles: (isConsistent ? store : local).roles,
    observers: { clients: store.observers.clients },
    properties: {
      /** Consistent: what the clients see is linearizable. */
      consistent: observed('clients', clients => !isConsistent || kept(clients)),

      /** Available: whoever asks can still get an answer, also while the network is parted. */
      available: canAlways(always((world: OfStore) => (isConsistent && !heals) || waiting(world).length === 0)),

      /** A consistent store is available to those who can talk to most of the replicas. */
      availableToMost: canAlways(always((world: OfStore) => waiting(world).every(client => !isWithMost(world, client)))),

      /** Somebody is on the side of the few, and asks. */
      asksTheFew: reachable(always((world: OfStore) => isParted(world) && waiting(world).some(client => !isWithMost(world, client)))),
    },
  } satisfies Protocol<Roles, Event>
})

export const proofs = [{}, { prefers: 'availability' }, { heals: true }] satisfies Proofs<typeof cap>
