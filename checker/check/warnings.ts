import { distance } from 'fastest-levenshtein'
import { namesOf, wordsOf } from '../run/protocol-text.ts'
import type { Tables } from '../tables/tables.ts'
import type { ValueId } from '../values/value-id.ts'

/**
 * What makes a complete search say less than it seems to: code that was never asked for anything, in no state that it was tried in, ahead of time or not. So each of these is true; where
 * a reduction looked ahead further than the search went, some may be missing.
 */
export const vacuity = (tables: Tables): string[] => {
  const { system, predicates, globalNames, globalTaken } = tables
  const { ran, taken, protocol } = system
  const warnings: string[] = []
  const look = (key: string, what: string, never: string): void => {
    if (!ran.has(key)) warnings.push(`Warning: ${what} ${never}.`)
    else if (!taken.has(key) && globalTaken.data[globalNames.findIndex(name => key === `step ${name}`)] !== 1)
      warnings.push(
        `Warning: ${what} is cut off by ${system.flightBound === undefined ? '`within`' : '`within` or `withinFlight`'} each time, so no step of it is part of the model.`,
      )
  }
  for (const [role, { on, actions = {} }] of Object.entries(protocol.roles)) {
    for (const action of Object.keys(actions)) look(`${role} action ${action}`, `the action ${action} of ${role}`, 'is never enabled')
    for (const type of Object.keys(on)) look(`${role} handler ${type}`, `the handler ${type} of ${role}`, 'never runs: no such message arrives')
  }
  for (const step of Object.keys(protocol.steps ?? {})) look(`step ${step}`, `the global step ${step}`, 'is never enabled')
  for (const name of predicates.pairsNeverTrue()) warnings.push(`Warning: the views of ${name} are false in every state, so it compares nothing.`)
  return [...warnings, ...oneSided(tables), ...misspelt(tables)]
}

/** Rules that said the same each time: what they forbid was never tried, or what they guard never done. */
const oneSided = ({ system: { rulesSaid } }: Tables): readonly string[] => {
  const named = (said: number): string => [...rulesSaid].flatMap(([label, answers]) => (answers === said ? JSON.stringify(label) : [])).join(', ')
  const [never, always] = [named(1), named(2)]
  return [
    ...(never === '' ? [] : [`Warning: false each time it is asked, so what it guards is never done: ${never}.`]),
    ...(always === '' ? [] : [`Warning: true each time it is asked, so nothing is tried that it forbids: ${always}.`]),
  ]
}

/** Letters of the shortest word that is compared with others, and from which on two letters may be wrong. */
const [SHORT, LONG] = [4, 7]

/**
 * Words in the code that nothing ever was, where a field was nearly that: one of the two is misspelt, or what the code waits for never happens. Of a word that stands in the types only, or
 * in a function that the protocol calls, nothing is known: tsc knows. Names of fields, handlers and other parts are no values, and stand in the code as words, too.
 */
const misspelt = ({ system, locals }: Tables): string[] => {
  const { values, nodes, protocol } = system
  const word = (id: ValueId): string | undefined => {
    const { value } = values.entry(id)
    return typeof value === 'string' ? value : undefined
  }
  const met = new Set(Array.from({ length: values.size }, (_, id) => word(id)))
  const fields = locals.flatMap(states => (states.size === 0 ? [] : values.entry(states.valueOf(0)).form.names))
  const names = new Set([...fields, ...namesOf(protocol)])
  const never = [...wordsOf(protocol)].filter(other => other.length >= SHORT && !met.has(other) && !names.has(other))
  if (never.length === 0) return []
  const warnings: string[] = []
  for (const role of Object.keys(protocol.roles)) {
    const states = locals[nodes.findIndex(node => node.role === role)] as (typeof locals)[number]
    const seen = new Map<string, Set<string>>()
    for (let local = 0; local < states.size; local++) {
      const { form, children } = values.entry(states.valueOf(local))
      form.names.forEach((name, i) => {
        const held = word(children[i] as ValueId)
        if (held !== undefined) seen.set(name, (seen.get(name) ?? new Set()).add(held))
      })
    }
    for (const [name, words] of seen)
      for (const held of words)
        for (const other of never)
          if (isNearly(held, other))
            warnings.push(
              `Warning: the code names "${other}", which nothing ever was, and the field ${name} of ${role} was "${held}". Is one of them misspelt?`,
            )
  }
  return warnings
}

/** `phase1` and `phase2` are two words. */
const isNearly = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= SHORT && distance(a, b) <= (Math.min(a.length, b.length) >= LONG ? 2 : 1) && a.replace(/\d+/g, '') !== b.replace(/\d+/g, '')

/** States of a role from which on it is worth saying what they differ in. */
const MANY = 32

/** What grew in a search that a limit ended, and what bounds it: the field of each role with the most values, and the channel with the most of one message. */
export const growth = ({ system, locals, bits, packets, queues, channelFrom, channelTo }: Tables): string[] => {
  const notes: string[] = []
  for (const role of Object.keys(system.protocol.roles)) {
    const node = system.nodes.find(of => of.role === role)
    const states = node && locals[node.index]
    if (states === undefined || states.size < MANY) continue
    const fields = new Map<string, Set<ValueId>>()
    for (let local = 0; local < states.size; local++) {
      const { form, children } = system.values.entry(states.valueOf(local))
      form.names.forEach((name, i) => {
        const values = fields.get(name) ?? new Set()
        fields.set(name, values.add(children[i] as ValueId))
      })
    }
    const [widest] = [...fields].sort(([, a], [, b]) => b.size - a.size)
    if (widest !== undefined)
      notes.push(
        `The nodes of ${role} were in ${states.size} different states; the field ${widest[0]} had the most values, ${widest[1].size}. If it has no end, bound it: \`within\` of ${role}.`,
      )
  }
  let most = { count: 1, what: '' }
  for (let bit = 0; bit < bits.size; bit++) {
    const count = (bits.copy.data[bit] as number) + 1
    if (count <= most.count) continue
    const packet = bits.packet.data[bit] as number
    const type = system.values.typeOf(packets.message.data[packet] as number)
    most = { count, what: `${type} from ${system.label(packets.from.data[packet] as number)} to ${system.label(packets.to.data[packet] as number)}` }
  }
  queues.forEach(({ items }, channel) => {
    const count = items.reduce((longest, { length }) => Math.max(longest, length), 0)
    if (count > most.count) most = { count, what: `from ${system.label(channelFrom[channel] as number)} to ${system.label(channelTo[channel] as number)}` }
  })
  if (most.count >= COPIES)
    notes.push(
      `Up to ${most.count} messages ${most.what} were in flight at once. If there is no end to that, bound how many there may be: \`withinFlight: { channel: 2 }\`. Or bound how many are sent: count them in the sender's state, and let its \`within\` or \`when\` look at the count.`,
    )
  return notes
}

/** Messages of one kind in flight at once from which on it is worth saying. */
const COPIES = 4
