import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { diagramOf, LINE } from '../../checker/trace/formats/diagram.ts'
import { againText } from '../../checker/trace/render-text.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { widest } from '../../checker/trace/visible.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import type { Moment } from '../session/session.ts'
import { ArrowHead, useDrawn } from './diagram.tsx'

/** Pixels: from one step to the next, from one node's line to the next, and of the texts above the lines. */
const STEP = 34
const GAPS = { few: 52, many: 36 }
/** So many nodes have room. */
const FEW = 3
const TEXTS = 176
/** Letters in each of the two lines of a step's text. */
const LETTERS = 22
/** Pixels of the names of the nodes, and of a letter of one. */
const NAMES = { most: 140, letter: 7.2 }

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
  const gap = trace.nodes.length <= FEW ? GAPS.few : GAPS.many
  const measured = useMemo(() => diagramOf(withVisibleNames(trace), { gap, tight: true, even: STEP, letters: LETTERS, top: 12 }), [trace])
  const { columns, names, rows, shapes, bottom } = measured
  const drawn = useDrawn()
  const namesWidth = Math.ceil(Math.min(NAMES.most, widest([...names.values()]) * NAMES.letter + 20))
  const height = TEXTS + Math.max(0, ...columns.values()) + gap / 2
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="diagram to-the-right" ref={scroll} tabIndex={0} aria-label="Space-time diagram: time runs to the right">
      <div class="names" aria-hidden="true" style={{ height: `${height}px`, width: `${namesWidth}px` }}>
        {[...columns].map(([node, y]) => (
          <span key={node} style={{ top: `${TEXTS + y}px` }}>
            {names.get(node)}
          </span>
        ))}
      </div>
      <div class="canvas" style={{ width: `${bottom + STEP}px`, height: `${height}px` }}>
        <svg width={bottom + STEP} height={height} aria-hidden="true" class="lines">
          <ArrowHead />
          <g transform={`matrix(0 1 1 0 0 ${TEXTS})`}>{drawn(shapes, here.number)}</g>
        </svg>
        <ol class="steps" start={0}>
          {rows.map(({ y, step, lines }, i) => {
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
                  <span class="line" style={{ height: `${TEXTS - 16}px`, left: `${(STEP - lines.length * LINE) / 2}px` }}>
                    {lines.map(({ text }) => text).join('\n')}
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
