/** `check … --coverage`: what is said of a protocol in which each kind of thing is never seen. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/check.mjs', import.meta.url))

const text = `import { Record } from 'immutable'
import { each, family, step } from 'protocheck'
class Node extends Record({ count: 0, unread: 0, mode: 'on' }) {}
export const counter = family({ limit: 2 }, ({ limit }) => ({
  name: 'counter',
  network: 'reliable',
  roles: {
    node: {
      count: 2,
      init: () => new Node(),
      within: n => n.count < 9,
      actions: {
        count: {
          when: (n, { rule }) => n.count < limit && rule('always', n.count < 7) && rule('both', n.count < 1),
          do(n, { broadcast }) {
            broadcast({ type: 'Tick', now: n.count })
            return n.merge({ count: n.count + 1, unread: n.count })
          },
        },
        off: { when: n => n.mode === 'off', do: n => n },
        rest: { when: n => n.count >= 0, do: n => n },
      },
      on: {
        Tick(n, { now }, _, { rule }) {
          if (rule('never', now > 5)) return n.set('mode', 'off')
          if (now > limit) {
            return n.set('mode', 'on')
          }
          return n
        },
        Tock: n => n,
      },
    },
  },
  properties: {
    small: each('node', n => n.count, count => count < 9),
    premise: step('node', (before, after) => before.count < 8 || after.count > 8),
  },
}))
`

test('what never ran, what always said the same, what nobody reads; for editors, and in a page', () => {
  const directory = mkdtempSync(join(tmpdir(), 'coverage-'))
  writeFileSync(join(directory, 'counter.ts'), text)
  const { stdout, status, stderr } = spawnSync(process.execPath, [bin, './counter.ts', '--coverage', '--lcov', 'lcov.info', '--html', 'page.html'], {
    cwd: directory,
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout.slice(stdout.indexOf('Note: Warning'), stdout.indexOf('Next:'))).toMatchInlineSnapshot(`
    "Note: Warning: the action off of node is never enabled.
      Note: Warning: the handler Tock of node never runs: no such message arrives.
      Note: Warning: false each time it is asked, so what it guards is never done: "never".
      Note: Warning: true each time it is asked, so nothing is tried that it forbids: "always".

    "
  `)
  expect(stdout.slice(stdout.indexOf('Coverage'))).toMatchInlineSnapshot(`
    "Coverage of all that executions come to
      Never ran: node.off, node.Tock
      Rules that were always true, so nothing was tried that they forbid: always
      Rules that were always false, so what they guard was never done: never
      Actions whose \`when\` was always true: node.rest
      Fields that no code reads: node.unread
      \`within\` that bounds nothing: node
      Code that never ran, or a part of a condition that was never asked:
        counter.ts:20  roles.node.actions.off.do  off: { when: n => n.mode === 'off', do: n => n },
        counter.ts:25  roles.node.on.Tick  if (rule('never', now > 5)) return n.set('mode', 'off')
        counter.ts:26  roles.node.on.Tick  if (now > limit) {
        counter.ts:31  roles.node.on.Tock  Tock: n => n,
        counter.ts:37  properties.premise  premise: step('node', (before, after) => before.count < 8 || after.count > 8),
    "
  `)
  const lines = readFileSync(join(directory, 'lcov.info'), 'utf8').split('\n')
  const ran = new Map(
    lines.flatMap(line => {
      const [, at, count] = /^DA:(\d+),(\d+)$/.exec(line) ?? []
      return at === undefined ? [] : [[Number(at), Number(count)] as const]
    }),
  )
  const lineOf = (part: string): number => text.split('\n').findIndex(line => line.includes(part)) + 1
  const countOf = (part: string): number | undefined => ran.get(lineOf(part))
  expect(countOf("return n.set('mode', 'on')")).toBe(0)
  expect(countOf('broadcast({')).toBeGreaterThan(0)
  const never = lines.filter(line => line.startsWith('BRDA')).map(line => Number(/\d+/.exec(line)?.[0]))
  expect(never).toEqual(['off:', "rule('never'", 'if (now > limit)', 'Tock', 'premise'].map(lineOf))
  expect(lines).toContain(`SF:${join(directory, 'counter.ts')}`)
  const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(readFileSync(join(directory, 'page.html'), 'utf8')) ?? []
  const inside = lineOf("return n.set('mode', 'on')")
  expect(JSON.parse(data).coverage).toEqual([{ file: 'counter.ts', text, never: [inside, inside + 1], partly: never }])
})
