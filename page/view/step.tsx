import { useMemo } from 'preact/hooks'
import { SpecError } from '../../checker/protocol/errors.ts'
import { type Without, withoutStep } from '../../checker/trace/needed.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import { visible } from '../../checker/trace/visible.ts'
import type { PageData } from '../page-data.ts'
import { codeFor } from '../session/code-for.ts'
import type { RuledWalker } from '../session/rules.ts'
import type { Moment, Session } from '../session/session.ts'
import { Code } from './code.tsx'

/** Differences of states that are listed. */
const DIFFERENCES_MAX = 12

/** A list of so many steps is open. */
const OPEN_MAX = 2

/** What there is to know of the step that was just taken: whether it is needed, and for what; its code, and the rules that it asked for. */
export const StepDetails = ({
  session,
  ruled,
  data: { code, coverage },
  here,
  path,
  violated,
  go,
}: {
  readonly session: Session
  readonly ruled: RuledWalker | null
  readonly data: PageData
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
      <Code parts={codeFor(session, here, code)} rules={ruled?.asked(here) ?? []} coverage={coverage} />
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
        <details open={lost.length <= OPEN_MAX}>
          <summary>Without it {lost.length === 1 ? 'this step' : `these ${lost.length} steps`} cannot happen:</summary>
          <ul>{lost.map(number => shown(number, stepText((path[number] as Moment).step as never)))}</ul>
        </details>
      )}
      {otherwise.length > 0 && (
        <details open={otherwise.length <= OPEN_MAX}>
          <summary>{otherwise.length === 1 ? 'This step happens' : `These ${otherwise.length} steps happen`} otherwise than here:</summary>
          <ul>{otherwise.map(({ step, instead }) => shown(step, stepText(instead)))}</ul>
        </details>
      )}
      {lost.length === 0 &&
        (isLast ? (
          <p class="quiet">No other step needs it, and it changes nothing.</p>
        ) : (
          <details>
            <summary>{otherwise.length > 0 ? 'At the end' : 'All later steps can happen without it. At the end'}, with it → without it:</summary>
            <ul class="differences">
              {differences.slice(0, DIFFERENCES_MAX).map(text => (
                <li key={text}>{text}</li>
              ))}
              {differences.length > DIFFERENCES_MAX && <li>… and {differences.length - DIFFERENCES_MAX} more</li>}
            </ul>
          </details>
        ))}
    </div>
  )
}
