import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { diagramOf } from '../../checker/trace/formats/diagram.ts'
import { againText } from '../../checker/trace/render-text.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import type { Moment } from '../session/session.ts'
import { ArrowHead, useDrawn } from './diagram.tsx'

/** Pixels: from one step to the next, from one node's line to the next, and of the texts above the lines. */
const STEP = 34
const GAP = 52
const TEXTS = 190

/** The same diagram with its axes exchanged: time runs to the right, and the text of each step stands upright above all lines. */
export const DiagramToTheRight = ({
  trace,
  path,
  here,
  violated,
  go,
}: {
  readonly trace: Trace
  readonly path: readonly Moment[]
  readonly here: Moment
  readonly violated: number | null
  readonly go: (to: Moment) => void
}) => {
  const scroll = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    const box = scroll.current
    const column = box?.querySelector<HTMLElement>('[aria-current]')
    if (box === null || column === null || column === undefined) return
    const names = box.querySelector<HTMLElement>('.names')?.offsetWidth ?? 0
    const [left, right] = [column.offsetLeft - names - 8, column.offsetLeft + column.offsetWidth + 24]
    if (left < box.scrollLeft) box.scrollLeft = Math.max(0, left - 40)
    else if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth + 40
  }, [here])
  const measured = useMemo(() => diagramOf(withVisibleNames(trace), { gap: GAP, tight: true, even: STEP, top: 12 }), [trace])
  const { columns, rows, shapes, bottom } = measured
  const drawn = useDrawn()
  const height = TEXTS + Math.max(0, ...columns.values()) + GAP / 2
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="diagram to-the-right" ref={scroll} tabIndex={0} aria-label="Space-time diagram: time runs to the right">
      <div class="names" aria-hidden="true" style={{ height: `${height}px` }}>
        {[...columns].map(([node, y]) => (
          <span key={node} style={{ top: `${TEXTS + y}px` }}>
            {node}
          </span>
        ))}
      </div>
      <div class="canvas" style={{ width: `${bottom + STEP}px`, height: `${height}px` }}>
        <svg width={bottom + STEP} height={height} aria-hidden="true" class="lines">
          <ArrowHead />
          <g transform={`matrix(0 1 1 0 0 ${TEXTS})`}>{drawn(shapes, here.number)}</g>
        </svg>
        <ol class="steps" start={0}>
          {rows.map(({ y, step }, i) => {
            const again = i === rows.length - 1 ? againText(trace) : null
            const moment = path[i + 1] as Moment
            const number = i + 1
            return (
              <li key={moment.id}>
                <button
                  type="button"
                  class={`row ${number > here.number ? 'later' : ''} ${number === violated ? 'bad' : ''} by-${moment.origin}`}
                  tabIndex={here === moment || (here.number === 0 && number === 1) ? 0 : -1}
                  aria-current={here === moment ? 'step' : undefined}
                  title={`${number}. ${stepText(step)}${again === null ? '' : `. ${again}`}`}
                  onClick={() => go(moment)}
                  style={{ left: `${y - 4 - STEP / 2}px`, width: `${STEP}px`, height: `${height}px` }}
                >
                  <span class="line" style={{ height: `${TEXTS - 16}px` }}>
                    {number}. {again !== null && '↺ '}
                    {stepText(step)}
                  </span>
                </button>
              </li>
            )
          })}
        </ol>
      </div>
    </section>
  )
}
