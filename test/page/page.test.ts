/** The one file that a page is, and who is served it; what it does in a browser is in browser.test.ts. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { main } from '../../checker/cli/main.ts'
import { documentationOf, makePage } from '../../checker/cli/page.ts'
import { readTrace } from '../../checker/cli/replay.ts'
import type { CodePart } from '../../page/page-data.ts'
import { quietTerminal } from '../support/cli-support.ts'
import { everything } from '../support/trace-support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'page-'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (line: string, directory = root) => {
  const terminal = quietTerminal(directory)
  return { code: await main(line.split(' '), terminal), ...terminal.printed }
}

const scriptOf = (html: string): string => /<script id="code">(.*?)<\/script>/s.exec(html)?.[1] ?? ''
const dataOf = (html: string) => JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '')
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

test('a page is one file with the checker and the protocol: at most 600 kB, nothing to fetch, its own script and style only', async () => {
  const file = join(folder, 'figure8.html')
  expect(await run(`show counterexamples/raft/figure8.json --html ${file}`)).toEqual({ code: 0, out: '', err: '' })
  const html = readFileSync(file, 'utf8')
  const code = scriptOf(html)
  const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? ''
  const thread = inflateRawSync(Buffer.from(/<script type="text\/plain" id="checker">(.*?)<\/script>/s.exec(html)?.[1] ?? '', 'base64')).toString()
  // What the page runs when it is opened, and the checker, which it unpacks when it is asked.
  expect([code.length > 200_000, thread.length > 300_000, code.includes('partialOrder'), thread.includes('partialOrder')]).toEqual([true, true, false, true])
  expect(Buffer.byteLength(html)).toBeLessThan(600_000)
  expect(html).toContain(
    `content="default-src 'none'; script-src '${hashOf(code)}'; style-src '${hashOf(style)}'; worker-src blob:; base-uri 'none'; form-action 'none'"`,
  )
  expect(html.replace(code, '')).not.toMatch(/\s(src|href|on\w+)=/)
  expect(code).not.toMatch(/<\/script|<!--/)
  const { trace, without, documentation } = dataOf(html)
  expect([trace.mutant, trace.steps.length, without]).toEqual(['figure8', 20, null])
  expect(documentation.electionSafety).toBe('At most one leader per term.')
})

describe('the code of a step', () => {
  // By a Node of its own: Vitest loads a protocol otherwise than Node does.
  const script = `
    import { readFileSync, writeFileSync } from 'node:fs'
    await import(${JSON.stringify(`${root}bin/typescript.mjs`)})
    const [{ loadSpec }, { specCode }, { findVariant }] = await Promise.all(
      ['load', 'spec-code', 'variant'].map(name => import(${JSON.stringify(`${root}checker/cli/`)} + name + '.ts')),
    )
    const codeOf = async (target, mutant) => {
      const spec = await loadSpec(target, ${JSON.stringify(folder)})
      return [spec, await specCode(findVariant(spec, { mutant }).make(spec.defaults), spec)]
    }
    const text = readFileSync(${JSON.stringify(`${root}test/fixtures/stranger.ts`)}, 'utf8')
    const file = ${JSON.stringify(join(folder, 'edited.ts'))}
    writeFileSync(file, text)
    const [spec, own] = await codeOf('./edited.ts', null)
    const after = async edited => {
      writeFileSync(file, edited)
      return specCode(spec.make(spec.defaults), spec)
    }
    const named = {}
    for (const [name, mutant] of [['raft', 'votesTwice'], ['lamport-mutex', null], ['fifo-broadcast', null], ['failure-detector', null]]) named[name] = (await codeOf(name, mutant))[1]
    console.log(JSON.stringify({
      ...named, own, forgetsVote: (await codeOf('raft', 'forgetsVote'))[1],
      edited: await after(text.replace("=== 'idle'", "!== 'waiting'")), moved: await after('// one line more\\n' + text),
    }))`
  let found: { readonly [of: string]: { readonly [key: string]: readonly CodePart[] } } = {}
  beforeAll(() => {
    found = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: root }))
  })

  test('of every handler and action is what its file says there, with the slide that its comment names, and what it calls', () => {
    const code = found['raft'] ?? {}
    expect(Object.keys(code)).toHaveLength(9)
    const lines = readFileSync(`${root}specs/raft/protocol.ts`, 'utf8').split('\n')
    for (const { file, line, text } of Object.values(code).flat()) {
      expect(file).toBe('protocol.ts')
      for (const [i, content] of text.split('\n').entries()) expect(lines[line - 1 + i]?.trim()).toBe(content.trim())
    }
    const [vote] = code['node handler VoteRequest'] ?? []
    expect([vote?.cites, vote?.text.split('\n')[1], vote?.text.split('\n').at(-1)]).toEqual([
      'Slide 2/9',
      'VoteRequest(node, { cTerm, cLogLength, cLogTerm }, cId: Node, { rule, send }) {',
      '},',
    ])
    expect(code['node action electionTimeout']?.[0]?.text).toMatch(/\nelectionTimeout: \{\n {2}when: .*\n {2}do\(n, [\s\S]*\n {2}\},\n\},$/)
    expect(code['node handler LogResponse']?.map(({ cites }) => cites)).toEqual(['Slide 8/9', 'Slide 5/9', 'Slide 9/9', null])
    expect(found['lamport-mutex']?.['process action enter']?.map(({ cites }) => cites)).toEqual(['Rule 5', 'Rule 5(i)', 'Rule 5(ii)'])
  })

  test("of a mutant is the mutant's, and of code that the checker itself has there is none", () => {
    const [recover] = found['forgetsVote']?.['node recover recover'] ?? []
    expect([recover?.file, recover?.text]).toEqual(['mutants.ts', expect.stringContaining('recover: n => lose(')])
    expect(Object.keys(found['fifo-broadcast'] ?? {})).toEqual(['node action repeat'])
  })

  test('of a tick is what becomes of the clocks, and what is due', () => {
    const code = found['failure-detector'] ?? {}
    expect(['tick', 'due'].map(name => code[`node ${name} ${name}`]?.map(({ text }) => text))).toEqual([
      ["tick: node => node.update('timer', left => Math.max(0, left - 1)),"],
      ['due: node => node.timer === 0,'],
    ])
  })

  test('of a file that was edited since it was loaded is shown as far as it is the same', () => {
    const keys = (of: string): string[] => Object.keys(found[of] ?? {}).sort()
    expect(keys('own')).toEqual(['client action acquire', 'client action release', 'client handler Grant', 'server handler Acquire', 'server handler Release'])
    expect(keys('edited')).toEqual(keys('own').filter(key => key !== 'client action acquire'))
    expect(keys('moved')).toEqual([])
  })
})

test('a trace of a protocol that is not there, or has changed, has a page that says so', async () => {
  const trace = readTrace('counterexamples/lamport-mutex/reordered.json', root)
  writeFileSync(join(folder, 'mine.json'), JSON.stringify({ ...trace, protocol: 'mine' }))
  writeFileSync(join(folder, 'old.json'), JSON.stringify({ ...trace, parameters: { processors: 2 } }))
  expect((await run('show mine.json --html mine.html', folder)).code).toBe(0)
  expect(dataOf(readFileSync(join(folder, 'mine.html'), 'utf8')).without).toContain('mine does not come with the checker')
  expect((await run('show old.json --html old.html', folder)).code).toBe(0)
  expect(dataOf(readFileSync(join(folder, 'old.html'), 'utf8')).without).toContain('has no parameter "processors"')
})

test('a file that does not go into a page is told, and its trace has one all the same', async () => {
  const text = readFileSync(join(root, 'test/fixtures/stranger.ts'), 'utf8')
  writeFileSync(join(folder, 'clock.ts'), `import { hostname } from 'node:os'\nexport const where = () => hostname()\n${text}`)
  const explored = await run('explore ./clock.ts --html clock.html', folder)
  expect([explored.code, explored.err]).toEqual([2, expect.stringContaining('PROTOCOL DOES NOT GO INTO A PAGE')])
  expect(explored.err).toContain('node:os')
  const checked = await run('./clock.ts --mutant duplicates --html clock.html', folder)
  expect([checked.code, checked.err]).toEqual([1, expect.stringContaining('The page clock.html shows the trace only.')])
  expect(dataOf(readFileSync(join(folder, 'clock.html'), 'utf8')).trace.steps).toHaveLength(9)
})

test.each([
  ['show counterexamples/raft/figure8.json raft --format json', 'only a page and the text need it'],
  ['show counterexamples/raft/figure8.json --html counterexamples/raft/figure8.json', 'It is the trace itself'],
  ['show counterexamples/raft/figure8.json nothing --html x.html', 'No protocol is called'],
  ['explore', 'No protocol is named'],
  ['explore raft --nodes many', 'WRONG VALUE'],
  ['explore raft --mutant nobody', 'NO SUCH MUTANT'],
  ['explore --html /nowhere/at/all.html raft', 'FILE CANNOT BE WRITTEN'],
])('check %s: refused', async (line, what) => {
  const { code, err } = await run(line)
  expect([code, err]).toEqual([2, expect.stringContaining(what)])
})

test('a check in which nothing is violated says that there is no page', async () => {
  const { code, out } = await run(`transaction-commit --html ${join(folder, 'none.html')}`)
  expect([code, out]).toEqual([0, expect.stringContaining('No page is written: there is no counterexample.')])
})

test('it is served to this machine only, until Ctrl-C', async () => {
  let interrupt = (): void => {}
  const terminal = {
    ...quietTerminal(root),
    onInterrupt: (listener: () => void) => {
      interrupt = listener
      return () => {}
    },
  }
  const ended = main(['explore', './test/fixtures/stranger.ts', '--clients', '2', '--no-open'], terminal)
  await expect.poll(() => terminal.printed.out, { timeout: 30_000 }).toContain('Ctrl-C ends it')
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(terminal.printed.out)?.[1])
  const get = (path: string, host: string, method = 'GET') =>
    new Promise<readonly [number, string, string]>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method, headers: { host }, agent: false }, response => {
        let body = ''
        response.on('data', chunk => (body += chunk))
        response.on('end', () => resolve([response.statusCode ?? 0, String(response.headers['content-security-policy']), body]))
      })
      asked.on('error', reject)
      asked.end()
    })
  expect((await get('/', 'evil.example')).slice(0, 2)).toEqual([403, "frame-ancestors 'none'"])
  expect((await get('/', `evil.example:${port}`))[0]).toBe(403)
  expect((await get('/', `127.0.0.1.evil.example:${port}`))[0]).toBe(403)
  expect((await get('/', `127.0.0.1:${port + 1}`))[0]).toBe(403)
  expect((await get('/etc/passwd', `localhost:${port}`))[0]).toBe(404)
  expect((await get('/', `localhost:${port}`, 'POST'))[0]).toBe(405)
  const [status, , body] = await get('/', `127.0.0.1:${port}`)
  expect([status, dataOf(body)]).toEqual([200, expect.objectContaining({ title: 'lock-server', trace: null, without: null })])
  interrupt()
  expect(await ended).toBe(0)
  await expect(get('/', `127.0.0.1:${port}`)).rejects.toThrow('ECONNREFUSED')
})

test.each([
  ['20 MB', { because: 'long '.repeat(4_000_000) }, 'TRACE IS TOO LARGE FOR A PAGE', '(20,000,000 letters)'],
  ['more steps than a browser draws', { steps: Array.from({ length: 1001 }, () => everything.steps[0]) }, 'It has 1001 steps', '1001. '],
])('of a trace of %s there is no page, and it is said; as text it is shown, as far as somebody reads it', async (name, more, what, shown) => {
  writeFileSync(join(folder, 'large.json'), JSON.stringify({ ...everything, ...more }))
  const { code, err } = await run('show large.json --html large.html', folder)
  expect([name, code, err]).toEqual([name, 2, expect.stringContaining(what)])
  expect(existsSync(join(folder, 'large.html'))).toBe(false)
  expect(await run('show large.json -o large.txt', folder)).toMatchObject({ code: 0 })
  expect(readFileSync(join(folder, 'large.txt'), 'utf8')).toContain(shown)
})

test('of a trace with 10,000 nested maps there is neither', async () => {
  const nested = `${'{"$map":[["k",'.repeat(10_000)}1${']]}'.repeat(10_000)}`
  writeFileSync(join(folder, 'deep.json'), JSON.stringify(everything).replace('"sent":0', `"sent":${nested}`))
  for (const line of ['show deep.json', 'show deep.json --html deep.html'])
    expect(await run(line, folder)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('nested more than 200 deep') })
  expect(existsSync(join(folder, 'deep.html'))).toBe(false)
})

test('nothing of a trace is markup', async () => {
  const bad = '</script><script>alert(1)</script><!--'
  const { html } = await makePage({ trace: { ...everything, protocol: bad, because: bad, nodes: [bad] }, protocol: bad, command: bad })
  expect(html.match(/<script/g)).toHaveLength(2)
  expect(html.match(/<\/script/g)).toHaveLength(2)
  expect(html).not.toContain('<!--')
  expect(dataOf(html).trace.because).toBe(bad)
})

test('the comment of a property is found by its name', () => {
  const source = `
    /** One. */
    one: each(), /* no */ two: each(),
    /**
     * Three is
     * long: it has a colon, and a * in it.
     */
    'three of them': each(),
    /** Of nothing. */
    const nothing = 1`
  expect(documentationOf([source])).toEqual({ one: 'One.', 'three of them': 'Three is long: it has a colon, and a * in it.' })
})
