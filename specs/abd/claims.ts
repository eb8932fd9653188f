import { Set } from 'immutable'
import { type Claims, crashStop, eachLeadsTo, type Id, kept, observed } from '../../checker/index.ts'
import { type abd, type Client, isBusy, type Reader, Stamped } from './protocol.ts'

type Abd = ReturnType<typeof abd>

type OnReply<M> = (reader: Reader, message: M, replica: Id<'replica'>, here: Client) => Reader

/** A client that has read 0 by a get goes on to set its own value, and waits for a quorum to store it as a get does after its read repair. */
const thenSet =
  <M>(getting: OnReply<M>): OnReply<M> =>
  (reader, message, replica, here) => {
    let read: unknown
    const next = getting(reader, message, replica, {
      ...here,
      emit: event => {
        if (event.type === 'return') read = event.result
      },
    })
    const own = here.self.rank + 1
    if (read === undefined) return next
    if (read === 0) {
      const newest = new Stamped({ t: own, v: own })
      here.send(here.nodes.replica, { type: 'Set', value: newest })
      return next.merge({ newest, stored: Set() })
    }
    here.emit({ type: 'return', result: read === own })
    return next
  }

/** CAS(x, 0, own value) as a get and a set, by the clients that otherwise read; each has a value, and so a timestamp, of its own. */
const compareAndSwap = (spec: Abd): Abd => {
  const { reader } = spec.roles
  const { get } = reader.actions
  return {
    ...spec,
    roles: {
      ...spec.roles,
      reader: {
        ...reader,
        actions: {
          get: {
            ...get,
            do: (client, here) => get.do(client, { ...here, emit: () => here.emit({ type: 'invoke', op: 'cas', old: 0, new: here.self.rank + 1 }) }),
          },
        },
        on: { Value: thenSet(reader.on.Value), Ack: thenSet(reader.on.Ack) },
      },
    },
  }
}

export const claims = {
  linearizableCompareAndSwap: {
    because:
      'Slide "Linearizability for different operations": of two clients that compare and then swap, each by a quorum, both may read the old value, and both swap it.',
    refutes: observed('clients', kept),
    parameters: { writes: 0 },
    length: 18,
    assuming: compareAndSwap,
  },
  endsWithoutMajority: {
    because: 'Two of three replicas are down, and a set waits for a second acknowledgement for ever.',
    refutes: eachLeadsTo(
      'writer',
      isBusy,
      busy => busy,
      busy => !busy,
    ),
    parameters: { readers: 1, down: 1 },
    length: 5,
    assuming: spec => ({ ...spec, faults: [crashStop('replica', { atMost: 2 })] }),
  },
} satisfies Claims<typeof abd>
