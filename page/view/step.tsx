import { useMemo } from 'preact/hooks'
import { SpecError } from '../../checker/protocol/errors.ts'
import { type Without, withoutStep } from '../../checker/trace/needed.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import { visible } from '../../checker/trace/visible.ts'
import type { Moment, Session } from '../session/session.ts'

/** Differences of states that are listed. */
const DIFFERENCES_MAX = 12

/** What there is to know of the step that was just taken: whether it is needed, and for what. */
export const StepDetails = ({
  session,
  here,
  path,
  violated,
  go,
}: {
  readonly session: Session
  readonly here: Moment
  readonly path: readonly Moment[]
  /** The property that is violated at the end of the path; null for none. */
  readonly violated: string | null
  readonly go: (to: Moment) => void
}) => {
  const end = path.at(-1)
  const without = useMemo(() => withoutThis(session, here, path, violated), [here, end, violated])
  if (here.step === null) return <p class="quiet">Nothing has happened yet: go to a step.</p>
  return (
    <>
      <h3>
        {here.number}. {stepText(here.step)}
      </h3>
      {typeof without === 'string' ? <p class="quiet">{without}</p> : <Needed without={without} path={path} violated={violated} go={go} />}
    </>
  )
}

/** What comes of the execution without this step, or why that is not known. */
const withoutThis = ({ walker, first }: Session, here: Moment, path: readonly Moment[], violated: string | null): Without | string => {
  const steps = path.flatMap(({ live }) => live?.last ?? [])
  if (walker === null || first.live === null || steps.length !== path.length - 1) return 'Whether it is needed takes the protocol, which is not in this page.'
  if (here.number === 0) return ''
  try {
    return withoutStep(walker, violated, first.live.state, steps, here.number)
  } catch (error) {
    if (error instanceof SpecError) return `Without it code of the protocol fails: ${error.parts.what}`
    throw error
  }
}

const Needed = ({
  without: { lost, otherwise, violated: isViolated, differences },
  path,
  violated,
  go,
}: {
  readonly without: Without
  readonly path: readonly Moment[]
  readonly violated: string | null
  readonly go: (to: Moment) => void
}) => {
  const isLast = lost.length + otherwise.length + differences.length === 0
  const shown = (number: number, text: string) => (
    <li key={number}>
      <button type="button" class="take" onClick={() => go(path[number] as Moment)}>
        {number}. {text}
      </button>
    </li>
  )
  return (
    <div class="needed">
      {violated !== null && (
        <p>
          {isViolated === null ? (
            'Whether it is needed is not for one execution to tell.'
          ) : isViolated ? (
            <>
              <b>Not needed:</b> without it {visible(violated)} is violated all the same.
            </>
          ) : (
            <>
              <b>Needed:</b> without it {visible(violated)} is not violated.
            </>
          )}
        </p>
      )}
      {lost.length > 0 && (
        <>
          <p>Without it {lost.length === 1 ? 'this step' : `these ${lost.length} steps`} cannot happen:</p>
          <ul>{lost.map(number => shown(number, stepText((path[number] as Moment).step as never)))}</ul>
        </>
      )}
      {otherwise.length > 0 && (
        <>
          <p>Otherwise than here {otherwise.length === 1 ? 'happens' : 'happen'}:</p>
          <ul>{otherwise.map(({ step, instead }) => shown(step, stepText(instead)))}</ul>
        </>
      )}
      {lost.length === 0 &&
        (isLast ? (
          <p class="quiet">No other step needs it, and it changes nothing.</p>
        ) : (
          <>
            <p>{otherwise.length > 0 ? 'At the end' : 'All later steps can happen without it. At the end'}, with it → without it:</p>
            <ul class="differences">
              {differences.slice(0, DIFFERENCES_MAX).map(text => (
                <li key={text}>{text}</li>
              ))}
              {differences.length > DIFFERENCES_MAX && <li>… and {differences.length - DIFFERENCES_MAX} more</li>}
            </ul>
          </>
        ))}
    </div>
  )
}
