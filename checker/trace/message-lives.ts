import type { Json } from '../protocol/json.ts'
import { AGE } from '../run/time.ts'
import { canonical } from './show.ts'
import type { Trace } from './trace.ts'

/** What happened to a message in some step. */
export interface MessageEvent {
  readonly kind: 'receive' | 'lose' | 'duplicate'
  /** The number of the step, from 1. */
  readonly step: number
}

/** A message from its sending on. */
export interface MessageLife {
  readonly from: string
  readonly to: string
  readonly message: Json
  /** The number of the step that sends it, from 1; null if no step of the trace does. */
  readonly sent: number | null
  /** In their order. A message that is never received, nor lost, is in flight at the end. */
  readonly events: readonly MessageEvent[]
}

interface Life extends MessageLife {
  readonly key: string
  readonly events: MessageEvent[]
  taken: boolean
}

/**
 * The messages of an execution, in the order of their sending. Of equal messages in one channel, the one that was sent first and was not received yet is received first;
 * if all were received, the last one is received again. In time, the age of what is received says which one it was.
 */
export const livesOf = ({ steps }: Pick<Trace, 'steps'>): readonly MessageLife[] => {
  const lives: Life[] = []
  const isInTime = steps.some(({ kind }) => kind === 'tick')
  const begin = (from: string, to: string, message: Json, sent: number | null): Life => {
    const life: Life = { from, to, message, sent, events: [], key: keyOf(from, to, isInTime ? withoutAge(message) : message), taken: false }
    lives.push(life)
    return life
  }
  steps.forEach(({ kind, from, node, message, sent }, i) => {
    const step = i + 1
    if (kind === 'lose-all') for (const life of lives) if (!life.taken) end(life, 'lose', step)
    if (message !== null && from !== null && node !== null && (kind === 'receive' || kind === 'lose' || kind === 'duplicate')) {
      const key = keyOf(from, node, isInTime ? withoutAge(message) : message)
      const equal = lives.filter(life => life.key === key)
      const waiting = equal.filter(({ taken }) => !taken)
      const life =
        (isInTime ? waiting.find(({ sent }) => ticksIn(steps.slice(sent ?? 0, step - 1)) === ageIn(message)) : undefined) ??
        waiting[0] ??
        equal.at(-1) ??
        begin(from, node, message, null)
      if (kind === 'duplicate') {
        life.events.push({ kind, step })
        // The copy may be received beside the message itself.
        lives.push({ ...life, events: [], sent: life.sent, taken: false })
      } else end(life, kind, step)
    }
    for (const packet of sent) begin(packet.from, packet.to, packet.message, step)
  })
  return lives
}

const end = (life: Life, kind: 'receive' | 'lose', step: number): void => {
  life.taken = true
  life.events.push({ kind, step })
}

/** For how many ticks what was sent before these steps is under way after them. */
export const ticksIn = (steps: Trace['steps']): number => steps.filter(({ kind }) => kind === 'tick').length

/** How long a message says that it has been under way, in ticks. */
export const ageIn = (message: Json): number => Number((message as { readonly [AGE]?: number })[AGE] ?? 0)

/** As it was sent. */
export const withoutAge = (message: Json): Json => {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return message
  const { [AGE]: _, ...sent } = message as { readonly [field: string]: Json }
  return sent
}

const keyOf = (from: string, to: string, message: Json): string => `${from} ${to} ${canonical(message)}`
