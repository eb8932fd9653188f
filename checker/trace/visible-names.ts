import type { Trace } from './trace.ts'
import { visible, visibleProse } from './visible.ts'

/** Names are any text. Values are shown by `show`, which sees to their texts. */
export const withVisibleNames = (trace: Trace): Trace => {
  const keys = <T>(of: { readonly [name: string]: T }): { readonly [name: string]: T } =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [visible(name), value]))
  const orNull = (name: string | null): string | null => name && visible(name)
  return {
    ...trace,
    protocol: visible(trace.protocol),
    mutant: orNull(trace.mutant),
    property: visible(trace.property),
    because: trace.because && visibleProse(trace.because),
    nodes: trace.nodes.map(visible),
    ...(trace.fair !== undefined && { fair: trace.fair.map(visible) }),
    initial: {
      nodes: keys(trace.initial.nodes),
      observers: keys(trace.initial.observers),
      ...(trace.initial.choices === undefined ? {} : { choices: keys(trace.initial.choices) }),
    },
    steps: trace.steps.map(step => ({
      ...step,
      node: orNull(step.node),
      name: visible(step.name),
      from: orNull(step.from),
      sent: step.sent.map(packet => ({ ...packet, from: visible(packet.from), to: visible(packet.to) })),
      emitted: step.emitted.map(({ from, event }) => ({ from: visible(from), event })),
      nodes: keys(step.nodes),
      observers: keys(step.observers),
    })),
  }
}
