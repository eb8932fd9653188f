import { always, each, eachPairOf } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { RoleTypes } from '../../checker/protocol/roles.ts'
import type { World } from '../../checker/protocol/world.ts'
import { type Finding, type Findings, texts } from './oracle.ts'

/** A protocol and what is true of it. */
export interface Judged {
  readonly protocol: AnyProtocol
  readonly properties: Findings['properties']
  /** Those that forbid what is found late. */
  readonly late: readonly string[]
}

/** A text of a node state with its ids made anonymous, which symmetric states share. */
const anonymous = texts(({ kind }) => `${kind}#`)

const anonymousWorld = (world: World<RoleTypes, string>): string =>
  Object.values(world.nodes)
    .flat()
    .map(id => `${id.kind} ${anonymous(world.get(id))} ${world.crashed(id)}`)
    .sort()
    .join('\n')

/** Each with the depth at which it was met first, in this order. */
const firsts = <T>(worlds: Findings['worlds'], looksOf: (world: World<RoleTypes, string>) => readonly (readonly [key: string, look: T])[]) => {
  const looks = new Map<string, { readonly look: T; readonly depth: number }>()
  for (const { world, depth } of worlds) for (const [key, look] of looksOf(world)) if (!looks.has(key)) looks.set(key, { look, depth })
  return [...looks.values()]
}

const sure = (protocol: AnyProtocol) =>
  each<RoleTypes, string, null>(
    Object.keys(protocol.roles)[0] as string,
    () => null,
    () => true,
  )

/** Which of the properties of `withLate` take a reduction as which other does. */
export const likeOf: { readonly [late: string]: string } = { node: 'sure', pair: 'sure', halfway: 'last', later: 'last' }

/**
 * The protocol with some more invariants: one over a node that always holds, so that all is searched, and no reduction is hindered; and some that forbid what is found
 * late: of what a state looks like, that last of all, halfway, and later; the state of a node, and of a pair of nodes, that is met last. Lengths of counterexamples are
 * seldom told by others, and partial order and bisimulation know none but the last two.
 */
export const withLate = (protocol: AnyProtocol, { worlds, properties }: Findings): Judged => {
  type OfNode = readonly [role: string, node: string]
  const ofNodes = ({ nodes, get }: World<RoleTypes, string>): OfNode[] =>
    Object.values(nodes)
      .flat()
      .map(id => [id.kind, anonymous(get(id))])
  const late: { [name: string]: readonly [property: AnyProtocol['properties'][string], length: number] } = {}
  const looks = firsts(worlds, world => [[anonymousWorld(world), anonymousWorld(world)]])
  for (const [name, share] of Object.entries({ last: 1, halfway: 0.5, later: 0.8 })) {
    const { look, depth } = looks[Math.floor((looks.length - 1) * share)] as (typeof looks)[number]
    late[name] = [always<RoleTypes>(world => anonymousWorld(world) !== look), depth]
  }
  const node = firsts(worlds, world => ofNodes(world).map(one => [one.join(), one])).at(-1)
  if (node !== undefined)
    late['node'] = [
      each<RoleTypes, string, boolean>(
        node.look[0],
        state => anonymous(state) === node.look[1],
        is => !is,
      ),
      node.depth,
    ]
  const pair = firsts(worlds, world => {
    const nodes = ofNodes(world).sort((a, b) => (a.join() < b.join() ? -1 : 1))
    return nodes.flatMap((a, i) => nodes.flatMap((b, k): [string, readonly [OfNode, OfNode]][] => (i < k ? [[[a, b].join(), [a, b]]] : [])))
  }).at(-1)
  if (pair !== undefined) {
    const [[roleA, a], [roleB, b]] = pair.look
    const is = (one: string) => (state: object) => anonymous(state) === one
    late['pair'] = [eachPairOf<RoleTypes, string, string, boolean, boolean>(roleA, is(a), roleB, is(b), (isA, isB) => !(isA && isB)), pair.depth]
  }
  const mapped = <T>(of: (one: (typeof late)[string]) => T): { [name: string]: T } =>
    Object.fromEntries(Object.entries(late).map(([name, one]) => [name, of(one)]))
  return {
    protocol: { ...protocol, properties: { sure: sure(protocol), ...protocol.properties, ...mapped(([property]) => property) } },
    properties: { sure: { verdict: 'holds', length: null }, ...properties, ...mapped(([, length]): Finding => ({ verdict: 'violated', length })) },
    late: Object.keys(late),
  }
}
