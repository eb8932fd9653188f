/**
 * A failure detector: "send message, await response, label node as crashed if no reply within some timeout".
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "Failure detectors", "Failure detection and partial synchrony".
 * T. D. Chandra and S. Toueg, "Unreliable Failure Detectors for Reliable Distributed Systems", J. ACM 43(2), 1996, §2, names what it is asked: completeness and accuracy.
 */
import { Record, Set } from 'immutable'
import {
  always,
  crashStop,
  eventuallyAlways,
  family,
  type Id,
  leadsTo,
  type Proofs,
  type Protocol,
  partiallySynchronous,
  reachable,
  synchronous,
  type World,
} from '../../checker/index.ts'

class Node extends Record({
  /** The others whose reply is awaited. */
  awaited: Set<Id<'node'>>(),
  /** Ticks until it waits no longer. */
  timer: 0,
  suspected: Set<Id<'node'>>(),
}) {}

type Message = { readonly type: 'Ping' } | { readonly type: 'Pong' }

export type Roles = {
  node: { state: Node; inbox: Message }
}

type OfDetector = Pick<World<Roles>, 'nodes' | 'crashed' | 'get'>

const up = ({ nodes, crashed }: OfDetector): readonly Id<'node'>[] => nodes.node.filter(id => !crashed(id))

/** "Labels a node as faulty only if it has crashed." */
export const isAccurate = (world: OfDetector): boolean => up(world).every(id => world.get(id).suspected.every(other => world.crashed(other)))

/** "Labels a node as faulty if it has crashed." */
const isComplete = (world: OfDetector): boolean =>
  up(world).every(id => world.get(id).suspected.isSuperset(world.nodes.node.filter(other => world.crashed(other))))

/** "Labels a node as faulty if and only if it has crashed." */
export const isPerfect = (world: OfDetector): boolean => isAccurate(world) && isComplete(world)

/**
 * A message takes at most `delay` ticks, and so a reply comes within twice as many: where `timing` is `synchronous`, or, if it is `partially synchronous`, from some moment on.
 */
export const failureDetector = family({ nodes: 2, delay: 1, crashes: 1, timing: 'synchronous' }, ({ nodes, delay, crashes, timing }) => {
  const isSynchronous = timing === 'synchronous'
  /** A reply that comes at the last moment is to be heard first. */
  const timeout = 2 * delay + 1

  return {
    name: 'failure-detector',
    source: 'Kleppmann 2025/26, Distributed Systems, slides Failure detectors, Failure detection and partial synchrony',
    network: 'reliable',
    faults: [crashStop('node', { atMost: crashes })],
    timing: (isSynchronous ? synchronous : partiallySynchronous)({ delay: { max: delay } }),
    roles: {
      node: {
        count: nodes,
        init: () => new Node(),
        actions: {
          /** "Send message." */
          ask: {
            when: node => node.timer === 0 && node.awaited.isEmpty(),
            do(node, { others, send }) {
              const asked = others.filter(id => !node.suspected.has(id))
              send(asked, { type: 'Ping' })
              return node.merge({ timer: timeout, awaited: Set(asked) })
            },
          },
          /** "Label node as crashed if no reply within some timeout." */
          giveUp: {
            when: (node, { rule }) => !node.awaited.isEmpty() && rule('the time is over', node.timer === 0),
            do: node => node.merge({ suspected: node.suspected.union(node.awaited), awaited: Set() }),
          },
        },
        tick: node => node.update('timer', left => Math.max(0, left - 1)),
        due: node => node.timer === 0,
        on: {
          Ping(node, _, from, { send }) {
            send(from, { type: 'Pong' })
            return node
          },
          /** "Await response." */
          Pong: (node, _, from) => node.merge({ awaited: node.awaited.delete(from), suspected: node.suspected.delete(from) }),
        },
      },
    },
    properties: {
      /** Nobody is asked again before he has heard the question: who does not answer is asked no more, so questions do not pile up. */
      asksOnce: always<Roles>(({ inFlight }) => {
        const asked = inFlight.filter(({ message }) => message.type === 'Ping')
        return asked.every((one, i) => asked.findIndex(({ from, to }) => from === one.from && to === one.to) === i)
      }),
      ...(isSynchronous && {
        accurate: always<Roles>(isAccurate),
        /** Once it has had the time to. */
        complete: leadsTo(
          always<Roles>(world => up(world).length < nodes),
          always<Roles>(isComplete),
        ),
      }),
      ...(!isSynchronous && {
        /** "But eventually, labels a node as crashed if and only if it has crashed." */
        eventuallyPerfect: eventuallyAlways(always<Roles>(isPerfect)),
      }),
      somebodyIsSuspected: reachable(always(world => up(world).some(id => !world.get(id).suspected.isEmpty()))),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { timing: 'partially synchronous' }, { nodes: 3 }, { delay: 2 }] satisfies Proofs<typeof failureDetector>
