import { intervalText, isLinearization, type OperationInterval, operationsOf } from '../../checker/trace/operations.ts'
import { visible } from '../../checker/trace/visible.ts'
import type { Moment, Session } from '../session/session.ts'

/** The operations of a linearizability judge as intervals, an operation a line; the one that has no place is marked. */
export const Operations = ({
  session,
  here,
  property,
  go,
}: {
  readonly session: Session
  readonly here: Moment
  readonly property: string
  readonly go: (to: Moment) => void
}) => {
  const found = session.walker?.system.protocol.properties[property]
  const observer = found?.type === 'observed' ? found.observer : undefined
  if (observer === undefined || !isLinearization(here.observers[observer])) return null
  const path = session.pathThrough(here)
  const end = path.at(-1) as Moment
  const operations = operationsOf(session.traceTo(end), observer)
  if (operations.length === 0) return <p class="quiet">No operation begins in this execution.</p>
  // A step is a column; each interval begins and ends in the middle of one.
  const percent = (step: number): number => (100 * (step - 0.5)) / end.number
  return (
    <ol class="operations" aria-label="Operations, as intervals of steps">
      {operations.map((operation, i) => (
        <li key={i} class={operation.hasNoPlace ? 'no-place' : ''}>
          <button type="button" onClick={() => go(path[operation.ended ?? operation.begun] as Moment)}>
            {visible(intervalText(operation))} <small>{stepsOf(operation)}</small>
          </button>
          <div class="span" aria-hidden="true">
            <i style={{ left: `${percent(here.number)}%` }} />
            <b
              class={operation.ended === null ? 'open' : ''}
              style={{
                left: `${percent(operation.begun)}%`,
                width: `${(operation.ended === null ? 100 : percent(operation.ended)) - percent(operation.begun)}%`,
              }}
            />
          </div>
        </li>
      ))}
    </ol>
  )
}

const stepsOf = ({ begun, ended, hasNoPlace }: OperationInterval): string =>
  `${ended === null ? `since step ${begun}` : `steps ${begun} to ${ended}`}${hasNoPlace ? '; no order of the operations explains this answer' : ''}`
