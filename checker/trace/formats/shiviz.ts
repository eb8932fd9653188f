import { livesOf } from '../message-lives.ts'
import { emittedText, initialText, stepText } from '../step-text.ts'
import type { Trace, TraceStep } from '../trace.ts'
import { withVisibleNames } from '../visible-names.ts'

/** What ShiViz is to be given beside the log. */
export const shivizExpression = '(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)'

type Clock = { [host: string]: number }

/** The host of what the network does. */
const NETWORK = 'network'

/**
 * A trace as a log for ShiViz, with vector clocks: two lines an event, to be read with `shivizExpression`. An event for each step; a global step has one for each node that it changes, of
 * which each knows the one before, as they are one step. What the network does by itself is an event of a host of its own.
 */
export const renderShiviz = (raw: Trace): string => {
  const trace = withVisibleNames(raw)
  const hosts = hostsOf(trace.nodes)
  const clocks = new Map<string, Clock>()
  const sentAt = new Map<number, Clock>()
  const lives = livesOf(trace)
  const sentIn = new Map(lives.flatMap(({ sent, events }) => events.map(({ step }) => [step, sent] as const)))
  const lines: string[] = []
  const event = (host: string, text: string, after: readonly (Clock | undefined)[]): Clock => {
    const clock: Clock = {}
    for (const known of [clocks.get(host), ...after])
      for (const [other, count] of Object.entries(known ?? {})) clock[other] = Math.max(clock[other] ?? 0, count)
    clock[host] = (clocks.get(host)?.[host] ?? 0) + 1
    clocks.set(host, clock)
    lines.push(`${host} ${JSON.stringify(clock)}`, text)
    return clock
  }
  for (const node of Object.keys(trace.initial.choices ?? {})) event(hosts.get(node) as string, initialText(trace, node) as string, [])
  trace.steps.forEach((step, i) => {
    const emitted = emittedText(step)
    const text = `${i + 1}. ${stepText(step)}${emitted === null ? '' : `; ${emitted}`}`
    const sent = sentIn.get(i + 1)
    const cause = sent == null ? undefined : sentAt.get(sent)
    if (step.kind === 'step') {
      let last: Clock | undefined
      const changed = Object.keys(step.nodes)
      for (const node of changed.length === 0 ? trace.nodes.slice(0, 1) : changed) last = event(hosts.get(node) as string, text, [last])
      if (last !== undefined) sentAt.set(i + 1, last)
      return
    }
    const isOfNetwork = ofNetwork.has(step.kind)
    sentAt.set(i + 1, event(isOfNetwork ? networkOf(hosts) : (hosts.get(step.node ?? '') as string), text, [cause]))
  })
  return lines.map(line => `${line}\n`).join('')
}

const ofNetwork: ReadonlySet<TraceStep['kind']> = new Set(['lose', 'duplicate', 'lose-all', 'partition', 'heal', 'tick', 'settle'])

const networkOf = (hosts: ReadonlyMap<string, string>): string => {
  let name = NETWORK
  while ([...hosts.values()].includes(name)) name += "'"
  return name
}

/** ShiViz takes a space for the end of a name; two nodes must not become one. */
const hostsOf = (nodes: readonly string[]): ReadonlyMap<string, string> => {
  const hosts = new Map<string, string>()
  for (const node of nodes) {
    let host = node.replaceAll(/\s/g, '_') || '_'
    while ([...hosts.values()].includes(host)) host += "'"
    hosts.set(node, host)
  }
  return hosts
}
