/**
 * What variants of Raft share with the nine slides: all their code. A variant changes a handler by wrapping it, adds others, and may keep more in a server:
 * the code of the slides sets the fields that it knows of, and leaves the others as they are.
 */
import type { NodeState, Property, Tagged } from '../../checker/index.ts'
import { type raft, Server } from './protocol.ts'

type Raft = ReturnType<typeof raft>

/** The fields of a server, for the record of a variant. */
export const serverFields = new Server().toObject()

/** The same code, of servers of another type. */
type Of<S, X> = X extends Server
  ? S
  : X extends (n: Server, ...rest: infer Rest) => infer Result
    ? (n: S, ...rest: Rest) => Of<S, Result>
    : X extends (...rest: infer Rest) => infer Result
      ? (...rest: Rest) => Of<S, Result>
      : X extends object
        ? { readonly [K in keyof X]: Of<S, X[K]> }
        : X

/** What Raft promises. That something happens at all is asked of Raft itself. */
type Promises = { [K in keyof Raft['properties']]: Raft['properties'][K]['type'] extends 'reachable' ? never : K }[keyof Raft['properties']]

/** Raft, whose servers are records with more fields. What its properties look at is there. */
export const slides = <R extends { readonly node: { readonly state: NodeState; readonly inbox: Tagged } }>({ properties, ...spec }: Raft) =>
  ({ ...spec, properties: Object.fromEntries(Object.entries(properties).filter(([, { type }]) => type !== 'reachable')) }) as unknown as Omit<
    Raft,
    'roles' | 'properties'
  > & {
    readonly roles: Of<R['node']['state'], Raft['roles']>
    readonly properties: { readonly [K in Promises]: Property<R> }
  }
