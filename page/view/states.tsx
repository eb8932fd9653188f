import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Json } from '../../checker/protocol/json.ts'
import { isRecord } from '../../checker/trace/show.ts'
import { visible } from '../../checker/trace/visible.ts'
import type { Decided } from '../../checker/trace/why.ts'
import { hasChanged, lengthOf, type Marked, marked, type Part } from '../session/marked.ts'
import type { Moment } from '../session/session.ts'

/** Letters that a value may take before its parts get lines of their own. */
const LINE_LETTERS = 46

/** Letters of a part that is not broken, and stands in one line with others. */
const PART_LETTERS = 20

const lettersOf = ({ key, separator, value }: Part): number => (key?.length ?? 0) + separator.length + lengthOf(value)

/** The state of each node and observer, with what changed in it since another moment. */
export const States = ({
  here,
  base,
  stopped,
  liars,
  decided,
  goTo,
}: {
  readonly here: Moment
  /** What it is compared with. */
  readonly base: Moment
  readonly stopped: ReadonlySet<string>
  readonly liars: ReadonlySet<string>
  readonly decided: readonly Decided[]
  /** Goes where a field was changed last. */
  readonly goTo: (name: string, field: string | null) => void
}) => {
  const cards = useRef<HTMLDivElement>(null)
  const tallest = useRef(new WeakMap<HTMLElement, { readonly width: number; readonly height: number }>())
  // A card that has been taller stays so: what stands below it does not jump from step to step. All are measured before any is changed, as each change costs a layout.
  useLayoutEffect(() => {
    const all = [...(cards.current?.children ?? [])] as HTMLElement[]
    const widths = all.map(card => card.offsetWidth)
    const known = all.map((card, i) => {
      const last = tallest.current.get(card)
      return last !== undefined && last.width === widths[i] ? last.height : 0
    })
    for (const [i, card] of all.entries()) if (known[i] === 0) card.style.removeProperty('--tallest')
    const heights = all.map((card, i) => Math.max(known[i] as number, card.offsetHeight))
    for (const [i, card] of all.entries()) {
      const [width, height] = [widths[i] as number, heights[i] as number]
      if (height === known[i]) continue
      tallest.current.set(card, { width, height })
      card.style.setProperty('--tallest', `${height}px`)
    }
  })
  return (
    <div class="cards" ref={cards}>
      {Object.entries(here.nodes).map(([name, state]) => (
        <Card
          key={name}
          name={name}
          state={state}
          before={base.nodes[name]}
          note={liars.has(name) ? 'lies' : stopped.has(name) ? '✗ stopped' : ''}
          read={readOf(decided, name)}
          kind="node"
          goTo={goTo}
        />
      ))}
      {Object.entries(here.observers).map(([name, state]) => (
        <Card
          key={`observer ${name}`}
          name={name}
          state={state}
          before={base.observers[name]}
          note="observer"
          read={readOf(decided, name)}
          kind="observer"
          goTo={goTo}
        />
      ))}
    </div>
  )
}

const readOf = (decided: readonly Decided[], name: string): readonly string[] | null => decided.find(of => of.name === name)?.fields ?? null

const Card = ({
  name,
  state,
  before,
  note,
  read,
  kind,
  goTo,
}: {
  readonly name: string
  readonly state: Json
  readonly before: Json | undefined
  /** What there is to say of it beside its state. */
  readonly note: string
  /** The fields that decided that the property is violated; null for none. */
  readonly read: readonly string[] | null
  readonly kind: 'node' | 'observer'
  readonly goTo: (name: string, field: string | null) => void
}) => {
  const value = marked(before ?? state, state)
  const changed = hasChanged(value)
  const shown = visible(name)
  return (
    <section class={`card ${changed ? 'changed' : ''} ${read === null ? '' : 'decided'}`} aria-label={`${kind === 'node' ? 'State of' : 'Observer'} ${shown}`}>
      <h2>
        {shown} <small class={note === 'lies' ? 'lies' : ''}>{[note, read === null ? '' : 'decides'].filter(Boolean).join(' · ')}</small>
      </h2>
      {isRecord(state) && value.kind === 'group' ? (
        <dl>
          {value.parts.map(part => (
            <Field key={part.key} part={part} isRead={read?.includes(part.key ?? '') === true} go={() => goTo(name, part.key)} />
          ))}
        </dl>
      ) : (
        <div class={`whole ${value.mark ?? ''}`}>
          <Value value={value} />
        </div>
      )}
    </section>
  )
}

const Field = ({ part, isRead, go }: { readonly part: Part; readonly isRead: boolean; readonly go: () => void }) => {
  const isChanged = part.mark !== null || hasChanged(part.value)
  return (
    <div class={`field ${isChanged ? 'changed' : ''} ${isRead ? 'read' : ''}`}>
      <dt>
        <button type="button" tabIndex={-1} onClick={go} title="Go to the step that changed it last">
          {part.key}
        </button>
      </dt>
      <dd>
        <Marking mark={part.mark}>
          <Value value={part.value} />
        </Marking>
      </dd>
    </div>
  )
}

const signs = { added: '+', removed: '−' } as const

const Marking = ({ mark, children }: { readonly mark: Part['mark']; readonly children: ComponentChildren }) =>
  mark === 'added' || mark === 'removed' ? (
    <span class={mark}>
      {signs[mark]} <span class="what">{children}</span>
    </span>
  ) : (
    children
  )

/** A value, in one line where it fits. */
export const Value = ({ value }: { readonly value: Marked }) => {
  if (value.kind === 'leaf')
    return value.before === null ? (
      <span class="leaf">{value.text}</span>
    ) : (
      <span class="leaf">
        <del>{value.before}</del>
        <span class="to"> → </span>
        <ins>{value.text}</ins>
      </span>
    )
  const { open, close, parts } = value
  const isLong = parts.length > 1 && lengthOf(value) > LINE_LETTERS && parts.some(part => lettersOf(part) > PART_LETTERS)
  const inside = (part: Part) => (
    <Marking mark={part.mark}>
      {part.key !== null && <span class="key">{part.key}</span>}
      {part.separator}
      <Value value={part.value} />
    </Marking>
  )
  return isLong ? (
    <ul class="parts">
      {parts.map((part, i) => (
        <li key={i}>{inside(part)}</li>
      ))}
    </ul>
  ) : (
    // The brackets stay with what they are next to.
    <span>
      {parts.length === 0 && open}
      {parts.map((part, i) => (
        <span key={i} class={lettersOf(part) > PART_LETTERS ? '' : 'short'}>
          {i === 0 && open}
          {inside(part)}
          {i < parts.length - 1 ? ', ' : close}
        </span>
      ))}
      {parts.length === 0 && close}
    </span>
  )
}
