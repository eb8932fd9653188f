import { useMemo, useState } from 'preact/hooks'
import { BEGINNINGS_MAX } from '../session/beginnings.ts'
import { nextSteps } from '../session/next-steps.ts'
import type { Moment, Session } from '../session/session.ts'

/** An initial state, and how to begin there. */
export interface Begin {
  readonly text: string
  readonly isHere: boolean
  readonly begin: () => void
}

/** What may happen next: each step a button, by the node that takes it. */
export const Next = ({
  session,
  here,
  beginnings,
  take,
}: {
  readonly session: Session
  readonly here: Moment
  readonly beginnings: readonly Begin[]
  readonly take: (step: ReturnType<Session['steps']>[number]) => void
}) => {
  const [showsBarred, setShowsBarred] = useState(false)
  const groups = useMemo(() => nextSteps(session, here), [session, here])
  if (session.walker === null)
    return <p class="quiet">{session.refused ?? 'The protocol is not in this page.'} So the steps of the trace can be looked at, and no others be taken.</p>
  const taken = session.nextOf(here)
  const barred = groups.reduce((sum, group) => sum + group.barred.length, 0)
  return (
    <>
      {here === session.first && beginnings.length > 1 && (
        <section class="group">
          <h3>how it begins</h3>
          <ul>
            {beginnings.map(({ text, isHere, begin }) => (
              <li key={text}>
                <button type="button" class="take" aria-pressed={isHere} onClick={begin}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
          {beginnings.length === BEGINNINGS_MAX && <p class="quiet">These are the first {BEGINNINGS_MAX}; there may be more.</p>}
        </section>
      )}
      {groups.every(({ steps }) => steps.length === 0) && <p class="quiet">Nothing can happen any more.</p>}
      {groups.map(({ node, steps, barred: not }) =>
        steps.length === 0 && !(showsBarred && not.length > 0) ? null : (
          <section key={node ?? ''} class="group">
            <h3>{node ?? 'all, and the network'}</h3>
            <ul>
              {steps.map(({ taken: next, step, text }) => {
                const known = here.after.find(moment => moment.step !== null && sameName(moment, step))
                return (
                  <li key={text}>
                    <button type="button" class={`take ${known === undefined ? '' : known === taken ? 'onward' : 'tried'}`} onClick={() => take(next)}>
                      {withoutNode(text, node)}
                      {known !== undefined && <small>{known === taken ? ' · next in this branch' : ' · another branch'}</small>}
                    </button>
                  </li>
                )
              })}
              {showsBarred &&
                not.map(({ what, why }) => (
                  <li key={`not ${what}`} class="barred">
                    <b>{withoutNode(what, node)}</b> {why}
                  </li>
                ))}
            </ul>
          </section>
        ),
      )}
      {barred > 0 && (
        <button type="button" class="link" aria-expanded={showsBarred} onClick={() => setShowsBarred(!showsBarred)}>
          {showsBarred ? 'Hide what cannot happen' : `${barred} more cannot happen here: why?`}
        </button>
      )}
    </>
  )
}

const sameName = (moment: Moment, step: Moment['step']): boolean => {
  const a = moment.step
  if (a === null || step === null) return false
  return (
    a.kind === step.kind &&
    a.node === step.node &&
    a.name === step.name &&
    a.from === step.from &&
    JSON.stringify([a.message, a.choices]) === JSON.stringify([step.message, step.choices])
  )
}

const withoutNode = (text: string, node: string | null): string => (node !== null && text.startsWith(`${node} `) ? text.slice(node.length + 1) : text)
