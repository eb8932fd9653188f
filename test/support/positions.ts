import { isSet } from 'immutable'
import { always, each, eachPairOf, type Id, observed } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { NodeState, RoleTypes } from '../../checker/protocol/roles.ts'
import type { World } from '../../checker/protocol/world.ts'
import { type Findings, texts } from './oracle.ts'

type AnyWorld = World<RoleTypes, string>

/** A text of a node state with its ids made anonymous, which symmetric states share. */
const anonymous = texts(({ kind }) => `${kind}#`)

/** What the nodes look like, in their order: code that compares it with one such text prefers nodes by their place. */
const arrangement = (world: Pick<AnyWorld, 'nodes' | 'get'>): string =>
  Object.values(world.nodes)
    .flat()
    .map(id => anonymous(world.get(id)))
    .join('\n')

/** Does some order of nodes of one role look otherwise? */
const isUneven = ({ nodes, get }: AnyWorld): boolean => Object.values(nodes).some(ids => new Set(ids.map(id => anonymous(get(id)))).size > 1)

/**
 * The protocol with code that prefers nodes by their place, in each way in which the whole can be looked at: with symmetry it must be refused, or judged as without. It looks for one arrangement
 * of the nodes, that of the last reachable state in which it matters.
 */
export const byPosition = (protocol: AnyProtocol, { worlds }: Findings): { readonly [way: string]: AnyProtocol } => {
  const found = worlds.findLast(({ world }) => isUneven(world))
  if (found === undefined) return {}
  const wanted = arrangement(found.world)
  const is = (world: unknown): boolean => arrangement(world as AnyWorld) === wanted
  const holds = each<RoleTypes, string, null>(
    Object.keys(protocol.roles)[0] as string,
    () => null,
    () => true,
  )
  const bare: AnyProtocol = { ...protocol, mayRest: true }
  const nobody = (state: NodeState) => state.set('n', 77)
  return {
    always: { ...bare, properties: { position: always<RoleTypes>(world => !is(world)) } },
    'a global step': {
      ...bare,
      properties: {
        position: always<RoleTypes>(({ nodes, get }) =>
          Object.values(nodes)
            .flat()
            .every(id => get(id).get('n') !== 77),
        ),
      },
      steps: {
        ...bare.steps,
        position: {
          do(world) {
            const first = Object.values(world.nodes).flat()[0] as Id
            if (is(world)) world.set(first, nobody(world.get(first)))
          },
        },
      },
    },
    mayRest: { ...bare, properties: { sure: holds }, mayRest: world => !is(world) },
  }
}

/** The protocol with properties of pairs, and of an observer, that read ranks of ids, where some reachable state has what they forbid. */
export const byRank = (protocol: AnyProtocol, { worlds }: Findings): AnyProtocol => {
  type Look = { readonly text: string; readonly last: Id | null }
  const view = (state: NodeState): Look => ({ text: anonymous(state), last: state.get('last') as Id | null })
  const rank = ({ last }: Look): number => last?.rank ?? -1
  const bare: AnyProtocol = { ...protocol, mayRest: true }
  const properties: { [name: string]: AnyProtocol['properties'][string] } = {}
  const nodesOf = ({ nodes, get }: AnyWorld) =>
    Object.values(nodes)
      .flat()
      .map(id => ({ role: id.kind, look: view(get(id)) }))
  const pairs = worlds.flatMap(({ world }) => {
    const all = nodesOf(world)
    const a = all.find(({ look }) => look.last !== null)
    const b = all.findLast(one => one !== a)
    return a === undefined || b === undefined ? [] : [[a, b] as const]
  })
  const pair = pairs.at(-1)
  if (pair !== undefined) {
    const [a, b] = pair
    const [rankA, rankB] = [rank(a.look), rank(b.look)]
    properties['pair'] = eachPairOf<RoleTypes, string, string, Look, Look>(
      a.role,
      view,
      b.role,
      view,
      (x, y) => !(x.text === a.look.text && y.text === b.look.text && rank(x) === rankA && rank(y) === rankB),
    )
  }
  Object.entries(protocol.observers ?? {}).forEach(([name, { init }]) => {
    if (!isSet(init)) return
    const members = (state: unknown): readonly Id[] => [...(state as Iterable<Id>)]
    const last = worlds.map(({ world }) => members(world.observer(name))).findLast(all => all.length > 0)
    const least = (all: readonly Id[]): number => Math.min(...all.map(id => id.rank))
    if (last === undefined) return
    const [size, of] = [last.length, least(last)]
    properties[name] = observed(name, state => !(members(state).length === size && least(members(state)) === of))
  })
  return { ...bare, properties }
}
