import type { ValueId } from './encode.ts'
import { Rows } from './ints.ts'
import { requests } from './journal.ts'
import { Locals } from './locals.ts'
import type { Basis } from './parts.ts'

/** The states of nodes as numbers, each with what the predicates over one node and over two say of it, and their images under permutations. */
export class NodeStates {
  /** The states of each node's role; nodes of one role share theirs. */
  readonly locals: readonly Locals[]
  readonly #basis: Basis
  /** The number of each node's role. */
  readonly #roles: readonly number[]
  readonly #roleCount: number
  /** By permutation and role, see `row`. */
  readonly #images = new Rows()
  /** The first (role, state) that each class of the pair predicates was met with. */
  readonly #classExample = new Map<number, readonly [node: number, local: number]>()

  constructor(basis: Basis) {
    this.#basis = basis
    const { nodes, protocol } = basis.system
    const byRole = new Map(Object.keys(protocol.roles).map(role => [role, new Locals()]))
    this.locals = nodes.map(({ role }) => byRole.get(role) as Locals)
    const roles = [...byRole.keys()]
    this.#roles = nodes.map(({ role }) => roles.indexOf(role))
    this.#roleCount = roles.length
  }

  roleOf(node: number): string {
    return (this.#basis.system.nodes[node] as { role: string }).role
  }

  /** The state of a node without what nobody reads. */
  reset(node: number, value: ValueId): ValueId {
    const { live } = this.#basis
    return live === undefined ? value : live.reset(node, value)
  }

  /** The number of a state; a new one is shown to the predicates, and numbered only if they have an answer: an error may be passed over (`NodeSteps.reaction`). */
  number(node: number, value: ValueId, crashed: boolean): number {
    const locals = this.locals[node] as Locals
    const known = locals.find(value, crashed)
    if (known >= 0) return known
    const { predicates, symmetry } = this.#basis
    const role = this.roleOf(node)
    const bits = predicates.ofNode(role, value)
    const view = predicates.hasPairs ? predicates.classOf(role, value) : 0
    symmetry.checkPredicates(value, bits, image => predicates.ofNode(role, image), `properties of ${role}`)
    const local = locals.add(value, crashed)
    locals.bits.push(bits)
    locals.classes.push(view)
    if (!this.#classExample.has(view)) this.#classExample.set(view, [node, local])
    return local
  }

  /** The bits of a pair of states; symmetry is checked when a pair of classes is new. */
  pairBits(a: number, b: number): number {
    const known = this.#basis.predicates.knownPair(a, b)
    return known >= 0 ? known : this.#basis.journal.record(requests.pair, [a, b], () => this.#evaluatePair(a, b))
  }

  #evaluatePair(a: number, b: number): number {
    const { predicates, symmetry, system } = this.#basis
    const bits = predicates.ofPair(a, b)
    const [left, right] = [this.#classExample.get(a), this.#classExample.get(b)]
    if (left !== undefined && right !== undefined)
      for (const g of symmetry.generators)
        if (predicates.rawPair(this.#imageClass(g, left), this.#imageClass(g, right)) !== bits)
          symmetry.refuse(`${system.protocol.name}, a property of pairs`, g, 'it tells two states from their images.')
    return bits
  }

  #imageClass(g: number, [node, local]: readonly [number, number]): number {
    const value = this.#basis.symmetry.image(g, (this.locals[node] as Locals).valueOf(local))
    return this.#basis.predicates.classOf(this.roleOf(node), value)
  }

  /** The image of a state under permutation `g`. */
  image(g: number, node: number, local: number): number {
    const row = this.row(g, node)
    const known = this.#images.get(row, local)
    return known >= 0 ? known : this.#images.set(row, local, this.#findImage(g, node, local))
  }

  #findImage(g: number, node: number, local: number): number {
    const { symmetry, journal } = this.#basis
    const locals = this.locals[node] as Locals
    const value = symmetry.image(g, locals.valueOf(local))
    if (value === locals.valueOf(local)) return local
    const known = locals.find(value, locals.crashed(local))
    return known >= 0 ? known : journal.record(requests.localImage, [g, node, local], () => this.number(node, value, locals.crashed(local)))
  }

  /** The row of images by permutation `g` of what nodes of one role share. */
  row(g: number, node: number): number {
    return g * this.#roleCount + (this.#roles[node] as number)
  }
}
