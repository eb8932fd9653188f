import { SpecError } from '../protocol/errors.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import { describe } from './encode.ts'

const NETWORKS = ['fifo', 'reliable', 'fair-loss']

/** Refuses what is no protocol, as far as it shows without running it. @throws SpecError */
export const checkShape = (protocol: AnyProtocol): void => {
  const fail = (what: string, hint: string): never => {
    throw new SpecError({ title: 'NOT A PROTOCOL', place: String(protocol?.name ?? 'the spec'), what, hint })
  }
  if (typeof protocol !== 'object' || protocol === null || typeof protocol.roles !== 'object')
    fail('It has no roles.', 'A protocol is an object { name, source, network, roles, properties }.')
  if (!NETWORKS.includes(protocol.network)) fail(`Its network is ${describe(protocol.network)}.`, `Networks are: ${NETWORKS.join(', ')}.`)
  for (const [name, role] of Object.entries(protocol.roles)) {
    if (!Number.isInteger(role.count) || role.count < 1 || role.count > 64) fail(`Role ${name} has count ${describe(role.count)}.`, 'A role has 1 to 64 nodes.')
    if (typeof role.init !== 'function') fail(`Role ${name} has no init.`, 'init() returns the first state of a node, an Immutable Record.')
    if (typeof role.on !== 'object') fail(`Role ${name} has no \`on\`.`, 'on: { … } holds a handler for each type of message; {} for none.')
    for (const [action, definition] of Object.entries(role.actions ?? {}))
      if (typeof definition?.do !== 'function') fail(`Action ${action} of role ${name} has no \`do\`.`, 'An action is { when?(node, here), do(node, here) }.')
  }
  for (const fault of protocol.faults ?? []) {
    if ('role' in fault && !(fault.role in protocol.roles))
      fail(`The fault ${fault.type} names role ${fault.role}, which there is not.`, `Roles are: ${Object.keys(protocol.roles).join(', ')}.`)
    if (!(fault.atMost === Infinity || (Number.isInteger(fault.atMost) && fault.atMost >= 0)))
      fail(`The fault ${fault.type} may happen at most ${describe(fault.atMost)} times.`, 'atMost is a whole number from 0, or Infinity.')
  }
  if (typeof protocol.properties !== 'object' || protocol.properties === null) fail('It has no properties.', 'properties: { … } names what is to be checked.')
}
