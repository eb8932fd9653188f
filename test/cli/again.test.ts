/** `check … --watch`: what is said first, at each save. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { main } from '../../checker/cli/main.ts'
import { folder, quietTerminal } from '../support/cli-support.ts'

const text = (limit: number) => `
import { Record } from 'immutable'
import { each } from 'protocheck'
import { most } from './most.ts'
class Node extends Record({ count: 0 }) {}
export const counter = {
  name: 'counter', network: 'reliable',
  roles: { node: { count: 1, init: () => new Node(), on: {}, actions: {
    count: { when: n => n.count < ${limit}, do: n => n.set('count', n.count + 1) },
  } } },
  properties: { small: each('node', n => n.count, count => count < most) },
}
`

test('the difference to the last verdict comes first; a file that is imported counts, the same text does not', async () => {
  const directory = folder({ 'counter.ts': text(2), 'most.ts': 'export const most = 4\n' })
  let interrupt = (): void => {}
  const quiet = quietTerminal(directory)
  const { printed } = quiet
  const terminal = {
    ...quiet,
    onInterrupt: (listener: () => void) => {
      interrupt = listener
      return () => {}
    },
  }
  const over = main(['./counter.ts', '--watch'], terminal)
  const runs = async (count: number): Promise<string> => {
    await vi.waitFor(() => expect(printed.err.split('Waiting').length - 1).toBe(count), { timeout: 60_000, interval: 20 })
    const { out } = printed
    printed.out = ''
    return out
  }
  expect(await runs(1)).toMatch(/^counter\n+HOLDS {2}small/)
  writeFileSync(join(directory, 'counter.ts'), text(2))
  writeFileSync(join(directory, 'counter.ts'), text(3))
  expect(await runs(2)).toMatch(/^Before: 3 distinct states, .*\nNow: {4}4 distinct states, .*\n\ncounter\n/)
  writeFileSync(join(directory, 'most.ts'), 'export const most = 2\n')
  expect(await runs(3)).toMatch(/^Before: HOLDS {2}small\nNow: {4}VIOLATED {2}small after 2 steps/)
  interrupt()
  expect(await over).toBe(1)
  expect(printed.err.split('Waiting')).toHaveLength(4)
})
