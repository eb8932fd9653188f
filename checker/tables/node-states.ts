import { Rows } from '../values/ints.ts'
import type { ValueId } from '../values/value-id.ts'
import type { Basis } from './basis.ts'
import { requests } from './journal.ts'
import { NumberedStates } from './numbered-states.ts'
import type { Questions } from './questions.ts'

/** The states of nodes as numbers, each with what the predicates over one node and over two say of it, and their images under permutations. */
export class NodeStates {
  /** The states of each node's role; nodes of one role share theirs. */
  readonly locals: readonly NumberedStates[]
  /** Who is to know of each state that comes up. */
  questions: Questions | undefined
  readonly #basis: Basis
  /** The number of each node's role. */
  readonly #roles: readonly number[]
  readonly #roleCount: number
  /** By permutation and role, see `row`. */
  readonly #images = new Rows()
  /** The first state that each class of the pair predicates was met with. */
  readonly #classExample = new Map<number, readonly [role: string, value: ValueId, crashed: boolean]>()
  /** Images of these classes, by permutation. */
  readonly #classImages = new Rows()

  constructor(basis: Basis) {
    this.#basis = basis
    const { nodes, protocol } = basis.system
    const byRole = new Map(Object.keys(protocol.roles).map(role => [role, new NumberedStates()]))
    this.locals = nodes.map(({ role }) => byRole.get(role) as NumberedStates)
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
    const locals = this.locals[node] as NumberedStates
    const known = locals.find(value, crashed)
    if (known >= 0) return known
    const { predicates, symmetry } = this.#basis
    const role = this.roleOf(node)
    this.questions?.meet(node, value)
    const bits = predicates.ofNode(role, value, crashed)
    const view = predicates.hasPairs ? this.#classOf(role, value, crashed) : 0
    if (predicates.hasPairs) for (const g of symmetry.generators) this.#checkClass(g, role, value, crashed, view)
    symmetry.checkPredicates(value, bits, image => predicates.ofNode(role, image, crashed), `properties of ${role}`)
    const local = locals.add(value, crashed)
    locals.bits.push(bits)
    locals.classes.push(view)
    return local
  }

  #classOf(role: string, value: ValueId, crashed: boolean): number {
    const view = this.#basis.predicates.classOf(role, value, crashed)
    if (!this.#classExample.has(view)) this.#classExample.set(view, [role, value, crashed])
    return view
  }

  /** What is seen of the image of a state must be the same for all states of which the same is seen. */
  #checkClass(g: number, role: string, value: ValueId, crashed: boolean, view: number): void {
    const { symmetry, system } = this.#basis
    const image = symmetry.image(g, value)
    if (image === value && this.#classImages.get(g, view) === view) return
    if (this.#classOf(role, image, crashed) !== this.#classImage(g, view))
      symmetry.refuse(`${system.protocol.name}, a view of pairs`, g, 'it tells a state from its image.')
  }

  /** The image of a class under permutation `g`. */
  #classImage(g: number, view: number): number {
    const known = this.#classImages.get(g, view)
    if (known >= 0) return known
    const [role, value, crashed] = this.#classExample.get(view) as readonly [string, ValueId, boolean]
    return this.#classImages.set(g, view, this.#classOf(role, this.#basis.symmetry.image(g, value), crashed))
  }

  /** The bits of a pair of states; symmetry is checked when a pair of classes is new, at each of its images: search may never come to those. */
  pairBits(a: number, b: number): number {
    const known = this.#basis.predicates.knownPair(a, b)
    return known >= 0 ? known : this.#basis.journal.record(requests.pair, [a, b], () => this.#evaluatePair(a, b))
  }

  #evaluatePair(a: number, b: number): number {
    const { predicates, symmetry, system } = this.#basis
    const bits = predicates.ofPair(a, b)
    const pending: [a: number, b: number][] = [[a, b]]
    for (let pair = pending.pop(); pair !== undefined; pair = pending.pop())
      for (const g of symmetry.generators) {
        const [x, y] = [this.#classImage(g, pair[0]), this.#classImage(g, pair[1])]
        const known = predicates.knownPair(x, y)
        if ((known >= 0 ? known : predicates.ofPair(x, y)) !== bits)
          symmetry.refuse(`${system.protocol.name}, a property of pairs`, g, 'it tells two states from their images.')
        if (known < 0) pending.push([x, y])
      }
    return bits
  }

  /** The image of a state under permutation `g`. */
  image(g: number, node: number, local: number): number {
    const row = this.row(g, node)
    const known = this.#images.get(row, local)
    return known >= 0 ? known : this.#images.set(row, local, this.#findImage(g, node, local))
  }

  #findImage(g: number, node: number, local: number): number {
    const { symmetry, journal } = this.#basis
    const locals = this.locals[node] as NumberedStates
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
