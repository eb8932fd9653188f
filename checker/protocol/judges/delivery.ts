import { SpecError } from '../errors.ts'

/**
 * What the nodes of a broadcast protocol emit: when the application asks for a broadcast, and when a message is handed to the application
 * (not when it is received from the network; Kleppmann, Distributed Systems, "Receiving versus delivering").
 * `message` is a value, and no two broadcasts have the same.
 */
export type DeliveryEvent<M = unknown> = { readonly type: 'broadcast'; readonly message: M } | { readonly type: 'deliver'; readonly message: M }

/** @throws SpecError, always. */
export const throwNotUnique = (message: unknown): never => {
  throw new SpecError({
    title: 'BROADCAST TWICE',
    what: `The message ${message} is broadcast a second time.`,
    why: 'The orders of delivery are about messages that can be told apart.',
    hint: 'Emit broadcast once for each message, retries left out, and let the message name its sender and a number, as in List([self, sendSeq]).',
  })
}
