import { fairTexts } from '../../checker/trace/render-text.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import type { Searching } from '../checker.ts'
import { type Listed, listed, type Truth, truthOf, violatedSince } from '../session/properties.ts'
import type { Answer } from '../session/questions.ts'
import type { Moment, Session } from '../session/session.ts'
import { Operations } from './operations.tsx'

/** A question that was asked, and how far the answer is. */
export interface Asking {
  readonly property: string
  readonly want: 'violation' | 'satisfied'
  readonly from: Moment
  readonly searching: Searching | null
  readonly answer: Answer | null
}

const signs: { readonly [answer in Truth['answer']]: string } = { holds: '✓', violated: '✗', reached: '◆', 'not reached': '◇', open: '?', error: '!' }

const words: { readonly [answer in Truth['answer']]: string } = {
  holds: 'holds here',
  violated: 'violated here',
  reached: 'reached here',
  'not reached': 'not reached here',
  open: 'cannot be told here',
  error: 'its code fails here',
}

/** Every property, whether it holds here, and what the checker says of what may follow. */
export const Properties = ({
  session,
  here,
  chosen,
  documentation,
  asking,
  choose,
  question,
  stop,
  canAsk,
  go,
}: {
  readonly session: Session
  readonly here: Moment
  readonly chosen: string | null
  readonly documentation: { readonly [property: string]: string }
  readonly asking: Asking | null
  readonly choose: (property: string | null) => void
  readonly question: (property: string, want: Asking['want']) => void
  readonly stop: () => void
  readonly canAsk: boolean
  readonly go: (to: Moment) => void
}) => {
  const about = session.about.property
  const end = session.pathThrough(here).at(-1) ?? here
  const loop = session.loopAt(end)
  const all = [...listed(session)].sort((a, b) => Number(b.name === about) - Number(a.name === about))
  if (all.length === 0)
    return (
      <p class="quiet">
        {about === '' ? 'There are none.' : `The trace violates ${about} at its end.`} {documentation[about] ?? ''}
      </p>
    )
  return (
    <ul class="properties">
      {all.map(property => {
        const { name } = property
        const truth = truthOf(session, here, name)
        const isOpen = chosen === name
        return (
          <li key={name} class={truth.answer.replace(' ', '-')}>
            <button type="button" class="property" aria-expanded={isOpen} onClick={() => choose(isOpen ? null : name)}>
              <span class="sign" aria-hidden="true">
                {signs[truth.answer]}
              </span>
              <span class="name">{name}</span>
              <small>{words[truth.answer]}</small>
            </button>
            {isOpen && (
              <div class="about">
                {documentation[name] !== undefined && <p>{documentation[name]}</p>}
                <p class="quiet">
                  It is a property {property.kind}. {truth.why ?? ''} {since(session, here, name, truth)}
                </p>
                {name === loop?.property && loop.fair.length > 0 && (
                  <details>
                    <summary>Why the execution is fair</summary>
                    <ul class="fair">
                      {fairTexts(withVisibleNames(session.traceTo(end))).map((line, i) => (
                        <li key={i}>{line}</li>
                      ))}
                    </ul>
                  </details>
                )}
                <Operations session={session} here={here} property={name} go={go} />
                {canAsk && <Ask property={property} session={session} asking={asking?.property === name ? asking : null} question={question} stop={stop} />}
              </div>
            )}
          </li>
        )
      })}
    </ul>
  )
}

const since = (session: Session, here: Moment, name: string, { answer }: Truth): string => {
  if (answer !== 'violated') return ''
  const from = violatedSince(session, here, name)
  return from === null || from === here
    ? 'It is violated since this step.'
    : from.number === 0
      ? 'It is violated from the start.'
      : `It is violated since step ${from.number}.`
}

const Ask = ({
  session,
  property,
  asking,
  question,
  stop,
}: {
  readonly session: Session
  readonly property: Listed
  readonly asking: Asking | null
  readonly question: (property: string, want: Asking['want']) => void
  readonly stop: () => void
}) => {
  const isBusy = asking !== null && asking.answer === null
  const canViolate = property.type !== 'reachable'
  const canSatisfy = property.type === 'reachable' || property.type === 'canAlways'
  return (
    <div class="ask">
      {canViolate && (
        <button type="button" disabled={isBusy} onClick={() => question(property.name, 'violation')}>
          Can it be violated from here?
        </button>
      )}
      {canSatisfy && (
        <button type="button" disabled={isBusy} onClick={() => question(property.name, 'satisfied')}>
          Can it be reached from here?
        </button>
      )}
      {isBusy && (
        <button type="button" onClick={stop}>
          Stop
        </button>
      )}
      <p class="answer" role="status">
        {asking === null ? '' : asking.answer === null ? searchingText(asking.searching) : answerText(session, asking, asking.answer)}
      </p>
    </div>
  )
}

const searchingText = (searching: Searching | null): string =>
  `Asking the checker… ${searching === null ? '' : `${searching.states.toLocaleString('en')} states (${searching.phase})`}`

const answerText = (session: Session, { want, from }: Asking, answer: Answer): string => {
  const where = from.number === 0 ? (session.hasOtherBeginnings ? 'from this initial state' : 'from the start') : `from step ${from.number}`
  switch (answer.kind) {
    case 'found': {
      if (answer.again !== undefined) return endlessText(where, answer.steps.length, answer.again.repeatsFrom)
      const length =
        answer.steps.length === 0 ? 'It is so in that very state' : `Yes, ${where}, in ${answer.steps.length} ${answer.steps.length === 1 ? 'step' : 'steps'}`
      return `${length}${answer.isShortest && answer.steps.length > 0 ? ': no fewer steps lead there' : ''}. ${answer.steps.length > 0 ? 'They are the branch that is shown now.' : ''}`
    }
    case 'never':
      return `${want === 'violation' ? 'No: it cannot be violated any more' : 'No: it cannot be reached any more'} ${where}, within the bounds of the model. ${answer.why ?? `Every state was looked at (${answer.states.toLocaleString('en')}).`}`
    case 'unknown':
      return `Not decided: ${answer.why}, after ${answer.states.toLocaleString('en')} states.`
    case 'error':
      return `The checker failed: ${answer.why}`
  }
}

/** How an execution goes on for ever without what a property asks for. */
const endlessText = (where: string, length: number, repeatsFrom: number): string => {
  if (length === 0) return `Yes, ${where}: it may stay in that very state for ever, and be fair.`
  const around = length - repeatsFrom
  const last = around === 1 ? 'the last may be taken' : around === length ? 'they may be taken' : `the last ${around} may be taken`
  const how = around === 0 ? 'after them it may stay so for ever' : `${length === 1 ? 'it may be taken' : last} again and again, for ever`
  return `Yes, ${where}, by a fair execution: ${length} ${length === 1 ? 'step' : 'steps'}; ${how}. They are the branch that is shown now.`
}
