/** Code of a protocol that does not end: the program does, and says where that code is and what it was given. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { bin, ended, folder, spawnCheck } from '../support/cli-support.ts'

const loop = `{ for (;;) ; }`

const spec = ({ init = '', when = '', on = '', property = '', mayRest = '', file = '' }) => `import { Record } from 'immutable'
import { always, each } from 'protocheck'
class Node extends Record({ a: 0 }) {}
let isSaid = false
const say = () => { if (!isSaid) console.error('looping'); isSaid = true }
export const tiny = {
  name: 'tiny', source: 'none', network: 'reliable',
  roles: { node: {
    count: 2,
    init: () => { ${init} return new Node() },
    on: { Go: n => { ${on} return n } },
    actions: { go: { when: n => { ${when} return n.a < 2 }, do: (n, { self, send }) => { send(self, { type: 'Go' }); return n.set('a', n.a + 1) } } },
  } },
  properties: { low: each('node', n => n.a, a => { ${property} return a < 3 }) },
  ${mayRest}
}
${file}
`

const directory = folder({
  'handler.ts': spec({ on: `if (n.a === 1) ${loop}` }),
  'when.ts': spec({ when: `if (n.a === 1) ${loop}` }),
  'init.ts': spec({ init: loop }),
  'property.ts': spec({ property: `if (a === 2) ${loop}` }),
  'rest.ts': spec({ mayRest: `mayRest: world => { ${loop} },` }),
  'says.ts': spec({ on: `say(); if (n.a === 1) ${loop}` }),
  'file.ts': spec({ file: loop }),
  'fine.ts': spec({}),
})

/** Machines may be busy: one process loops, and others have their turns. */
vi.setConfig({ testTimeout: 240_000 })

/** On demand, as each waits for some seconds. In CI there is one of a node's code, and one of code over the whole. */
const others: [string, string, string][] = [
  ['when.ts', 'tiny, action go at n', 'Node { a: 1 }'],
  ['init.ts', 'tiny, init at n', ''],
  ['property.ts', 'tiny, property low', ''],
]

test.each<[string, string, string]>([
  ['handler.ts', 'tiny, handler Go at n', 'Node { a: 1 }'],
  ['rest.ts', 'tiny, mayRest', ''],
  ...(process.env['PROTOCHECK_SLOW'] === undefined ? [] : others),
])('%s: the time is over', async (file, place, state) => {
  const { code, out, err } = await spawnCheck([file, '--time', '4s', '--json'], directory)
  const { error } = JSON.parse(out) as { error: { title: string; place: string; what: string; why: string | null } }
  expect(code).toBe(2)
  expect(error.title).toBe('CODE THAT DOES NOT END')
  expect(error.place).toContain(place)
  expect(error.what).toContain(file)
  expect(error.why ?? '').toContain(state)
  expect(err).toContain('CODE THAT DOES NOT END')
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s', async signal => {
  const child = spawn(process.execPath, [bin, 'says.ts'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = ended(child)
  await new Promise(resolve => child.stderr.once('data', resolve))
  // The thread that watches may not have heard the first: it may still be starting.
  const again = setInterval(() => child.kill(signal), 1_000)
  const { code, err } = await end
  clearInterval(again)
  expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('handler Go at n') as string })
})

test('without being asked, after a while; a file that does not end, too', async () => {
  const watched = (file: string) =>
    ended(
      spawn(
        process.execPath,
        [
          '--import',
          fileURLToPath(new URL('../../bin/typescript.mjs', import.meta.url)),
          fileURLToPath(new URL('../fixtures/watched.ts', import.meta.url)),
          file,
        ],
        { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
      ),
    )
  expect(await watched('./file.ts')).toMatchObject({ code: 2, out: expect.stringMatching(/"CODE THAT DOES NOT END".*file\.ts/) as string })
  expect(await watched('./fine.ts')).toMatchObject({ code: 0, out: 'loaded\n' })
})

test('where all ends, nothing is changed', async () => {
  expect((await spawnCheck(['fine.ts', '--time', '1m'], directory)).code).toBe(0)
})
