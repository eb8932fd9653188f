import type { Tables } from '../tables/tables.ts'
import type { WalkStep } from '../trace/walk.ts'

/** What an obligation asks of what happens from some state on, for ever. `WEAK`: it is taken again and again, unless again and again it cannot be. `STRONG`: if again and again it can be. */
export const [WEAK, STRONG] = [0, 1]

/** The obligation of a step of which nothing is owed. */
export const NONE = -1

/**
 * What the fairness of a protocol asks for, numbered: for each action of each node, for each global step, and for each message or channel that is to be delivered.
 * Over `fair-loss` a delivery is owed to what is sent again and again: neither weak nor strong.
 */
export class Obligations {
  readonly #tables: Tables
  /** Whether something is owed, by node and action, and by global step. */
  readonly #actions: readonly (readonly (number | undefined)[])[]
  readonly #steps: readonly (number | undefined)[]
  readonly delivers: boolean
  readonly hasTime: boolean
  readonly #deliversStrongly: boolean
  /** The first number of each node's actions, of the global steps, and of deliveries, which come last, since there may be more of them later. */
  readonly #firsts: readonly number[]
  readonly firstStep: number
  /** That time goes on, and that messages arrive in time in the end: after the global steps. */
  readonly ofTick: number
  readonly ofSettling: number
  readonly firstDelivery: number

  constructor(tables: Tables) {
    this.#tables = tables
    const { protocol, nodes } = tables.system
    const fairness = protocol.fairness ?? []
    const strengthOf = (isStrong: boolean, isWeak: boolean): number | undefined => (isStrong ? STRONG : isWeak ? WEAK : undefined)
    this.#actions = nodes.map(({ role, index }) =>
      tables.system.actionNames(index).map(name => {
        const has = (type: string): boolean =>
          fairness.some(fair => fair.type === type && 'role' in fair && fair.role === role && (fair.actions.length === 0 || fair.actions.includes(name)))
        return strengthOf(has('strong'), has('weak'))
      }),
    )
    this.#steps = tables.globalNames.map(name => {
      const has = (type: string): boolean =>
        fairness.some(fair => fair.type === type && 'steps' in fair && (fair.steps.length === 0 || fair.steps.includes(name)))
      return strengthOf(has('strong-steps'), has('weak-steps'))
    })
    this.#deliversStrongly = fairness.some(({ type }) => type === 'strong-delivery')
    this.delivers = this.#deliversStrongly || fairness.some(({ type }) => type === 'delivery')
    let next = 0
    this.#firsts = this.#actions.map(actions => {
      next += actions.length
      return next - actions.length
    })
    this.firstStep = next
    const firstOfTime = next + this.#steps.length
    this.hasTime = tables.time !== undefined
    this.ofTick = this.hasTime ? firstOfTime : NONE
    this.ofSettling = this.hasTime ? firstOfTime + 1 : NONE
    this.firstDelivery = firstOfTime + 2
  }

  /** Is anything owed at all? */
  get areSome(): boolean {
    return this.delivers || this.hasTime || [...this.#actions.flat(), ...this.#steps].some(strength => strength !== undefined)
  }

  ofAction(node: number, action: number): number {
    return this.#actions[node]?.[action] === undefined ? NONE : (this.#firsts[node] as number) + action
  }

  ofStep(step: number): number {
    return this.#steps[step] === undefined ? NONE : this.firstStep + step
  }

  /** @param what a packet; under `fifo` a channel */
  ofDelivery(what: number): number {
    return this.delivers ? this.firstDelivery + what : NONE
  }

  /** What a step that was walked is owed for. */
  ofWalked({ chance }: WalkStep): number {
    const { system, globalNames, packets, fifo, channel } = this.#tables
    switch (chance.kind) {
      case 'action':
        return this.ofAction(chance.node, system.actionNames(chance.node).indexOf(chance.name))
      case 'step':
        return this.ofStep(globalNames.indexOf(chance.name))
      case 'receive': {
        const packet = packets.find(chance.packet.from, chance.packet.to, chance.packet.message)
        return this.ofDelivery(fifo ? (channel.data[packet] as number) : packet)
      }
      case 'tick':
        return this.ofTick
      case 'settle':
        return this.ofSettling
      case 'fault':
        return NONE
    }
  }

  /** Over `fair-loss`, is it the delivery of a packet? */
  isLossy(obligation: number): boolean {
    return this.#tables.fairLoss && obligation >= this.firstDelivery
  }

  isStrong(obligation: number): boolean {
    if (obligation >= this.firstDelivery) return this.#deliversStrongly && !this.#tables.fairLoss
    if (obligation === this.ofTick) return true
    if (obligation === this.ofSettling) return false
    if (obligation >= this.firstStep) return this.#steps[obligation - this.firstStep] === STRONG
    const node = this.#nodeOf(obligation)
    return this.#actions[node]?.[obligation - (this.#firsts[node] as number)] === STRONG
  }

  #nodeOf(obligation: number): number {
    return this.#firsts.findLastIndex((first, node) => first <= obligation && this.#actions[node]?.length !== 0)
  }
}
