import { showTagged } from '../../checker/trace/show.ts'
import { liarsOf, stepText } from '../../checker/trace/step-text.ts'
import { visible } from '../../checker/trace/visible.ts'
import type { Moment, Session } from '../session/session.ts'

/** What is in flight, each with how long it has been, and what is left of the budgets of faults. */
export const InFlight = ({ session, here }: { readonly session: Session; readonly here: Moment }) => {
  const waiting = session.waiting(here)
  const liars = liarsOf(session.about)
  const budgets = session.budgets(here)
  return (
    <>
      {waiting.length === 0 ? (
        <p class="quiet">Nothing is in flight.</p>
      ) : (
        <table class="flight">
          <thead>
            <tr>
              <th scope="col">message</th>
              <th scope="col">from → to</th>
              <th scope="col">sent in step</th>
            </tr>
          </thead>
          <tbody>
            {waiting.map(({ from, to, message, sent, received }, i) => (
              <tr key={i} class={received.length > 0 ? 'was' : sent === here.number ? 'new' : ''}>
                <td>
                  <Breakable text={showTagged(message)} />
                  {received.length > 0 && <small> received in {received.join(', ')}; may come again</small>}
                </td>
                <td>
                  {visible(from)} → {visible(to)}
                </td>
                <td>{sent === null ? (liars.has(from) ? 'by a liar' : '?') : sent === here.number ? `${sent}, now` : `${sent}, ${here.number - sent} ago`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {budgets.length > 0 && <p class="quiet">Faults: {budgets.join('; ')}.</p>}
    </>
  )
}

/** A message that is broken rather where its fields begin than within a name. */
const Breakable = ({ text }: { readonly text: string }) => {
  const fields = text.indexOf('(') + 1
  return (
    <>
      {text.slice(0, fields)}
      <wbr />
      {text.slice(fields)}
    </>
  )
}

const origins: { readonly [origin in Moment['origin']]: string } = {
  trace: 'the saved trace',
  you: 'your own',
  answer: 'an answer of the checker',
  random: 'a random walk',
}

/** Every execution that was looked at, by where it left another. */
export const Branches = ({
  session,
  here,
  go,
  remove,
}: {
  readonly session: Session
  readonly here: Moment
  readonly go: (to: Moment) => void
  readonly remove: (branch: Moment) => void
}) => {
  const current = session.pathThrough(here)
  return (
    <ul class="branches">
      {session.ends().map(end => {
        const fork = forkOf(end)
        const isCurrent = current.at(-1) === end
        const first = fork?.step
        return (
          <li key={end.id} class={isCurrent ? 'current' : ''} style={{ marginLeft: `${Math.min(4, depthOf(end)) * 14}px` }}>
            <button type="button" aria-pressed={isCurrent} onClick={() => go(fork ?? end)}>
              {first === undefined || first === null || fork === null
                ? `${end.number} steps: ${origins[end.origin]}`
                : `from step ${fork.number - 1}: ${stepText(first)}; ${end.number - fork.number + 1} steps, ${origins[end.origin]}`}
            </button>
            {fork !== null && fork.origin !== 'trace' && (
              <button type="button" class="remove" aria-label={`Remove the branch from step ${fork.number - 1}`} onClick={() => remove(fork)}>
                ✕
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}

/** The first moment of a branch that no earlier branch has; null for the first branch. */
const forkOf = (end: Moment): Moment | null => {
  for (let moment = end; moment.before !== null; moment = moment.before) if (moment.before.after[0] !== moment) return moment
  return null
}

const depthOf = (end: Moment): number => {
  let depth = 0
  for (let moment = end; moment.before !== null; moment = moment.before) if (moment.before.after[0] !== moment) depth++
  return depth
}
