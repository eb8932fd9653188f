/** A checkpoint is of one protocol: an edit between the two runs is found out, wherever it is, and named. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Record } from 'immutable'
import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import type { Options } from '../../checker/check/options.ts'
import type { Snapshot } from '../../checker/check/snapshot.ts'
import { sourcesOf } from '../../checker/cli/sources.ts'
import { always, eachPair, type Protocol, reachable } from '../../checker/index.ts'
import { folder, spawnCheck, tally } from '../support/cli-support.ts'

const files: { readonly [name: string]: string } = {
  'pair.ts': `import { Record } from 'immutable'
import { eachPair, family } from 'protocheck'
import { clash } from './lib/clash.ts'
import { bound } from './lib/index.js'
import limits from "./limits.json" with { type: 'json' }
class Node extends Record({ a: 0, r: 0 }) {}
const near = (v, w) => v === 1 && w === 99
export const pair = family({ top: 3 }, ({ top }) => ({
  name: 'pair', source: 'none', network: 'reliable',
  roles: { node: { count: 3, init: () => new Node(), on: { M: n => n.set('r', n.r + 1) },
    actions: { go: { when: n => n.a < Math.min(top, bound(limits.top)), do: (n, { broadcast }) => { broadcast({ type: 'M' }); return n.set('a', n.a + 1) } } } } },
  properties: { mutualExclusion: eachPair('node', n => n.a + 10 * n.r, (v, w) => !clash(v, w) && !near(v, w)) },
}))
export { mutants } from './mutants.ts'
`,
  'mutants.ts': `export const mutants = { same: { because: 'It is the same.', breaks: 'mutualExclusion', length: 1, change: spec => spec } }`,
  'lib/clash.ts': `import { truth } from '../deep/truth.ts'\nexport const clash = (v: number, w: number) => truth(v === 1 && w === 99)`,
  'lib/index.ts': 'export const bound = (n: number) => n',
  'deep/truth.ts': 'export const truth = (x: boolean) => x',
  'limits.json': '{ "top": 9 }',
  'notes.md': 'Nobody names this file.',
}

const written = (): string => {
  const directory = folder({})
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

describe('the command line', () => {
  const edits: readonly (readonly [file: string, from: string, to: string, isRefused: boolean])[] = [
    ['pair.ts', 'v === 1 && w === 99', 'v === 1 && w === 0', true],
    ['pair.ts', 'Math.min', 'Math.max', true],
    ['pair.ts', 'a: 0, r: 0', 'r: 0, a: 0', true],
    ['pair.ts', 'top: 3', 'top: 4', true],
    ['pair.ts', 'class Node', '/* a remark */ class Node', true],
    ['lib/clash.ts', '99', '0', true],
    ['lib/clash.ts', 'v === 1', 'v === 2', true],
    ['lib/index.ts', '=> n', '=> n + 0', true],
    ['deep/truth.ts', '=> x', '=> !x', true],
    ['limits.json', '9', '2', true],
    ['mutants.ts', 'spec => spec', 'spec => ({ ...spec })', true],
    ['notes.md', 'Nobody', 'Really nobody', false],
    ['pair.ts', 'top: 3', 'top: 3', false],
  ]
  test('refuses to go on after an edit of what the protocol is made of, and names it', { timeout: 600_000 }, async () => {
    const args = ['pair.ts', '--no-reduce', '--states', '600', '--workers', '1']
    const begun = written()
    const first = await spawnCheck([...args, '--checkpoint', 'p.ck'], begun)
    expect(first.code).toBe(3)
    const result = await tally(edits, async ([file, from, to, isRefused]) => {
      const directory = written()
      cpSync(join(begun, 'p.ck'), join(directory, 'p.ck'))
      const text = readFileSync(join(directory, file), 'utf8')
      if (!text.includes(from)) return 'there is nothing to replace'
      writeFileSync(join(directory, file), text.replace(from, to))
      const { code, out, err } = await spawnCheck([...args, '--resume', 'p.ck'], directory)
      if (!isRefused) return code === 3 && err === '' ? undefined : `${code} ${err}`
      return code === 2 && out === '' && err.includes('CHECKPOINT DOES NOT FIT') && err.includes(file === 'pair.ts' && to === 'top: 4' ? 'top: it was 3' : file)
        ? undefined
        : `${code} ${out} ${err}`
    })
    expect(result).toEqual({ tried: 13, failed: [] })
  })

  test('finds the files that a protocol names, and theirs', () => {
    const directory = written()
    expect([...sourcesOf([join(directory, 'pair.ts')]).keys()].sort()).toEqual(
      Object.keys(files)
        .filter(name => name !== 'notes.md')
        .sort(),
    )
  })
})

class Node extends Record({ a: 0, r: 0 }) {}

/** What the functions of the protocol call, and which a check of their texts does not see. */
let clash: (v: number, w: number) => boolean
let late: (inFlight: number) => boolean

const protocol = {
  name: 'pair',
  source: 'this test',
  network: 'reliable',
  roles: {
    node: {
      count: 3,
      init: () => new Node(),
      on: { M: (n: Node) => n.set('r', n.r + 1) },
      actions: {
        go: {
          when: (n: Node) => n.a < 2,
          do: (n: Node, { broadcast }: { broadcast(message: { readonly type: 'M' }): void }) => {
            broadcast({ type: 'M' })
            return n.set('a', n.a + 1)
          },
        },
      },
    },
  },
  properties: {
    pairs: eachPair(
      'node',
      (n: unknown) => (n as Node).a + 10 * (n as Node).r,
      (v, w) => !clash(v, w),
    ),
    flight: always(w => !late(w.inFlight.length)),
    met: reachable(always(w => late(w.inFlight.length - 50))),
  },
} as unknown as Protocol<{ node: { state: Node; inbox: { readonly type: 'M' } } }>

describe('the library, where what functions call is another', () => {
  const never = () => false
  const cases: readonly (readonly [what: string, property: string, options: Options, change: () => void])[] = [
    ['pairs', 'pairs', {}, () => (clash = (v, w) => v === 1 && w === 0)],
    ['pairs, depth-first', 'pairs', { order: 'depth' }, () => (clash = (v, w) => v !== w)],
    ['messages in flight', 'flight', {}, () => (late = count => count === 2)],
    ['messages in flight, depth-first', 'flight', { order: 'depth' }, () => (late = count => count > 0)],
    ['messages in flight, what is reachable', 'met', {}, () => (late = count => count === -48)],
  ]
  test.each(cases)('%s', async (_, property, options, change) => {
    const search = async (more: Options) => explore(protocol, { reduce: [], property, ...options, ...more })
    clash = never
    late = never
    const snapshots: Snapshot[] = []
    const save = async (snapshot: Snapshot): Promise<void> => void snapshots.push(structuredClone(snapshot))
    const tuning = { expandedPerPulse: 8, judgedPerPulse: 8, batch: 8 }
    const stopped = await search({ states: 600, checkpoint: { seconds: 60, save }, tuning })
    expect(stopped).toMatchObject({ verdict: 'inconclusive', stoppedBy: 'states' })
    const resume = () => structuredClone(snapshots.at(-1) as Snapshot)
    // As it was, it goes on.
    expect((await search({ states: 900, resume, tuning })).states).toBeGreaterThan(stopped.states)
    change()
    await expect(search({ states: 900, resume, tuning })).rejects.toThrow('CHECKPOINT DOES NOT FIT')
  })

  test('another order is another search', async () => {
    clash = never
    late = never
    const orders = [undefined, 'breadth', 'depth'] as const
    for (const order of orders) {
      const snapshots: Snapshot[] = []
      const save = async (snapshot: Snapshot): Promise<void> => void snapshots.push(structuredClone(snapshot))
      const ask = (asked: (typeof orders)[number], more: Options) =>
        explore(protocol, { reduce: [], property: 'pairs', ...(asked && { order: asked }), ...more })
      await ask(order, { states: 300, checkpoint: { seconds: 60, save }, tuning: { expandedPerPulse: 8, batch: 8 } })
      for (const other of orders) {
        const resumed = ask(other, { resume: () => structuredClone(snapshots.at(-1) as Snapshot), tuning: { expandedPerPulse: 8, batch: 8 } })
        if (other === order) expect(await resumed).toMatchObject({ verdict: 'holds' })
        else await expect(resumed).rejects.toThrow(`order: it was ${order ?? 'the usual'}, now it is ${other ?? 'the usual'}.`)
      }
    }
  })
})
