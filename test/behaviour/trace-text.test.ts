import { stripVTControlCharacters } from 'node:util'
import picocolors from 'picocolors'
import { describe, expect, test } from 'vitest'
import { readTrace } from '../../checker/cli/replay.ts'
import type { Json } from '../../checker/protocol/json.ts'
import { renderSteps, renderText } from '../../checker/trace/render-text.ts'
import { briefText, stepText } from '../../checker/trace/step-text.ts'
import type { TraceStep } from '../../checker/trace/trace.ts'
import { run } from '../support/cli-support.ts'
import { everything, post, traceBy, walks } from '../support/trace-support.ts'

describe('the drawing', () => {
  test('of every kind of step', async () => {
    await expect(renderText(everything)).toMatchFileSnapshot('../golden/every-kind-of-step.txt')
  })

  test('in 80 columns, with the next thing to type', async () => {
    await expect(renderText(everything, { width: 80, file: 'counterexamples/post/chatty.json' })).toMatchFileSnapshot('../golden/80-columns.txt')
  })

  test('of thirty steps of five nodes', async () => {
    await expect(renderText(walks[1]!)).toMatchFileSnapshot('../golden/thirty-steps.txt')
  })

  test('of no step at all', async () => {
    await expect(renderText(traceBy(post(), 'fewItems', []))).toMatchFileSnapshot('../golden/no-step.txt')
  })

  test('of nodes with long names', async () => {
    const protocol = post()
    const courier = { ...protocol.roles.courier, names: ['Cambridge-North', 'the courier with a name that is longer than a column'] }
    const steps = ['Cambridge-North send, choosing 7', 'depot receives Item(number: 7) from Cambridge-North']
    const long = traceBy({ ...protocol, roles: { ...protocol.roles, courier } }, 'fewItems', steps)
    await expect(renderText(long)).toMatchFileSnapshot('../golden/long-names.txt')
  })

  test.each(walks.flatMap(trace => [80, 100, 120].map(width => ({ trace, width }))))(
    'stays within $width columns, and numbers every step',
    ({ trace, width }) => {
      const lines = renderText(trace, { width }).split('\n')
      expect(lines.filter(line => line.length > width)).toEqual([])
      const numbers = lines.flatMap(line => /[│●◆✗⟳⊘⊕ ] +(\d+)\. /.exec(line)?.[1] ?? [])
      expect(numbers).toEqual(trace.steps.map((_, i) => String(i + 1)))
    },
  )

  test('has its arrows from the sender to the receiver', () => {
    const lines = renderText(everything).split('\n')
    const line = lines.find(text => text.includes(' 6. ')) ?? ''
    const header = lines.find(text => text.startsWith('c1 ')) ?? ''
    expect(line[header.indexOf('depot')]).toBe('●')
    expect(line.slice(header.indexOf('c2') + 1, header.indexOf('depot'))).toMatch(/^─+▶$/)
    expect(line[header.indexOf('c1')]).toBe('│')
  })
})

test('step by step', async () => {
  await expect(renderSteps(everything)).toMatchFileSnapshot('../golden/step-by-step.txt')
})

test('check show is as wide as the terminal, and in colours; not where it goes into a file', async () => {
  const line = 'show counterexamples/raft/votesTwice.json'
  const trace = readTrace('counterexamples/raft/votesTwice.json', '.')
  const { out } = await run(line, {}, { columns: 80, colors: picocolors.createColors(true) })
  const plain = stripVTControlCharacters(out)
  const why = 'n1 and n2 together break it. It read of n1: currentRole, currentTerm; of\nn2: currentRole, currentTerm.\n'
  expect(plain).toBe(`${renderText(trace, { story: true, width: 80 })}\n${why}`)
  expect(Math.max(...plain.split('\n').map(one => one.length))).toBeLessThanOrEqual(80)
  expect(out).toContain('\u001b[31mraft with the mutant votesTwice: electionSafety is violated after step 6.\u001b[39m')
  expect(out).toContain('\u001b[34m──────────▶\u001b[39m●')
  expect((await run(line)).out).toContain(renderText(trace, { story: true }))
})

const clocks = (...by: readonly (readonly [string, Json])[]): Json => ({ $map: by.map(([node, rate]) => [{ $id: node }, rate]) })

test.each<[readonly Json[], string]>([
  [[], 'a tick'],
  [[3], 'a tick, choosing 3'],
  [[clocks()], 'a tick'],
  [[clocks(['a', 2])], "a tick: a's clock goes on by 2"],
  [[clocks(['a', 0]), 3], "a tick: a's clock stands still, choosing 3"],
  [[clocks(['a', 1], ['b', 1])], 'a tick: each clock goes on by 1'],
  [[clocks(['a', 0], ['b', 0])], 'a tick: each clock stands still'],
  [[clocks(['a', 1], ['b', 2], ['c', 1])], "a tick: b's clock goes on by 2, a's and c's by 1"],
  [[clocks(['a', 0], ['b', 1], ['c', 1], ['d', 0])], "a tick: b's and c's clocks go on by 1, a's and d's stand still"],
  [[clocks(['a', 0], ['b', 1], ['c', 2])], "a tick: c's clock goes on by 2, b's by 1, a's stands still"],
  [[clocks(['a', 7])], 'a tick, choosing {a → 7}'],
])('of a tick: whose clock goes on by how much (%#)', (choices, text) => {
  const tick: TraceStep = { kind: 'tick', node: null, name: 'tick', from: null, message: null, choices, sent: [], emitted: [], nodes: {}, observers: {} }
  expect(stepText(tick)).toBe(text)
  // Where there is no room: only those that drift.
  if (text.includes("b's by 1,")) expect(briefText(tick)).toBe("a tick: a's by 0, c's by 2")
  if (text.includes('by 1') && !text.includes(',')) expect(briefText(tick)).toBe('a tick')
})
