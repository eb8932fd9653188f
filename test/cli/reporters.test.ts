/** What `check prove --reporter` writes, against schemas that are not ours (schemas/) and a parser of XML; hostile names, and a summary that is too long. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { XMLParser } from 'fast-xml-parser'
import { describe, expect, test } from 'vitest'
import { validateXML } from 'xmllint-wasm'
import type { Case } from '../../checker/cli/reporters/case.ts'
import { ctrf } from '../../checker/cli/reporters/ctrf.ts'
import { annotations, SUMMARY_MAX, summary } from '../../checker/cli/reporters/github.ts'
import { junit } from '../../checker/cli/reporters/junit.ts'
import { parseReporters, usualReporters } from '../../checker/cli/reporters/reporters.ts'
import { sarif } from '../../checker/cli/reporters/sarif.ts'
import { fakeTrace, run } from '../support/cli-support.ts'

const schema = (name: string): object => {
  // Ajv knows the keywords of draft 4 that these use by the same names; of the others it would refuse the number of the draft only.
  const { id: _, $schema: __, ...rest } = JSON.parse(readFileSync(new URL(`../schemas/${name}`, import.meta.url), 'utf8'))
  return rest
}
const validator = (name: string) =>
  new Ajv({ strict: false, unicodeRegExp: false, formats: { uri: true, 'uri-reference': true, uuid: true, 'date-time': true, email: true } }).compile(
    schema(name),
  )
const isSarif = validator('sarif-2.1.0-rtm.5.json')
const isCtrf = validator('ctrf-0.0.json')

const junitSchema = { fileName: 'jenkins-junit.xsd', contents: readFileSync(new URL('../schemas/jenkins-junit.xsd', import.meta.url), 'utf8') }
/** Of each text, whether that schema refuses it. */
const refusedJunit = async (...texts: readonly string[]): Promise<readonly boolean[]> => {
  const { errors } = await validateXML({ xml: texts.map((contents, i) => ({ fileName: `${i}.xml`, contents })), schema: junitSchema })
  return texts.map((_, i) => errors.some(({ rawMessage }) => rawMessage.startsWith(`${i}.xml`)))
}

const good: Case = {
  protocol: 'raft',
  title: 'raft  nodes 3',
  variant: null,
  isGood: true,
  seconds: 1.5,
  rule: null,
  message: 'raft  nodes 3: holds',
  details: 'raft  nodes 3: holds',
  file: 'specs/raft/protocol.ts',
  line: 1,
  trace: null,
  command: 'npx check raft --nodes 3',
}
const bad: Case = {
  ...good,
  title: 'raft, figure8',
  isGood: false,
  rule: 'violated',
  message: 'violated',
  details: 'violated\nafter 2 steps',
  line: 7,
  trace: fakeTrace,
}
const hostile: Case = {
  ...bad,
  protocol: '</testsuite>"&\u0000\u001b[31m\ud800',
  title: '::error::a,b:%0A ]]> "q" | <script>alert(1)</script> `tick` ```',
  message: '<b>\u0007 "',
  details: '```\n::set-output name=x::y\n</failure>]]>\u0001\ufffe',
  file: 'my specs/a,b:c%.ts',
  rule: 'broken',
}
const all = [good, bad, hostile]
const times = { version: '0.1.0', start: 1, stop: 2 }

describe('SARIF', () => {
  test.each([[all], [[good]], [[]]])('is valid by the schema of OASIS', cases => {
    const text = JSON.parse(sarif(cases, times))
    expect(isSarif(text), JSON.stringify(isSarif.errors)).toBe(true)
    expect(text.runs[0].results).toHaveLength(cases.filter(({ isGood }) => !isGood).length)
  })

  test('that schema refuses what it should', () => {
    const text = JSON.parse(sarif(all, times))
    text.runs[0].results[0].level = 'dreadful'
    expect(isSarif(text)).toBe(false)
  })
})

describe('CTRF', () => {
  test.each([[all], [[good]]])('is valid by its schema', cases => {
    const text = JSON.parse(ctrf(cases, times))
    expect(isCtrf(text), JSON.stringify(isCtrf.errors)).toBe(true)
    expect(text.results.summary).toMatchObject({ tests: cases.length, failed: cases.filter(({ isGood }) => !isGood).length })
  })

  test('that schema refuses what it should', () => {
    const text = JSON.parse(ctrf(all, times))
    text.results.tests[0].status = 'fine'
    expect(isCtrf(text)).toBe(false)
  })
})

describe('JUnit XML', () => {
  test('is valid by the schema of Jenkins, which refuses an element, an attribute, and what XML cannot hold', async () => {
    const text = junit(all)
    const others = [
      text.replaceAll('failure', 'trouble'),
      text.replace('<testcase ', '<testcase file="a.ts" '),
      text.replace('violated', '\u0001'),
      text.replace('</testsuites>', ''),
    ]
    expect(await refusedJunit(text, junit([good]), junit([]), ...others)).toEqual([false, false, false, true, true, true, true])
  })

  test('has as many cases, failures and errors as there are, and says where', () => {
    const { testsuites } = new XMLParser({ ignoreAttributes: false, isArray: name => name === 'testcase' || name === 'testsuite' }).parse(junit(all))
    expect(testsuites).toMatchObject({ '@_tests': '3', '@_failures': '1', '@_errors': '1' })
    const cases = testsuites.testsuite.flatMap((suite: { testcase: object[] }) => suite.testcase)
    expect(cases).toHaveLength(3)
    expect(cases.filter((one: object) => 'error' in one)).toHaveLength(1)
    expect(cases.flatMap((one: object) => ('failure' in one ? [one.failure] : []))).toMatchObject([
      { '#text': 'specs/raft/protocol.ts:7\nviolated\nafter 2 steps' },
    ])
  })
})

describe('on GitHub', () => {
  test('a failure is an error at its line, in one line', () => {
    const text = annotations([good, bad])
    expect(text).toBe('::error file=specs/raft/protocol.ts,line=7,title=raft%2C figure8::violated%0Aafter 2 steps\n')
  })

  test('no name makes a command of its own', () => {
    const lines = annotations([hostile]).trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^::error file=my specs\/a%2Cb%3Ac%25\.ts,line=7,title=%3A%3Aerror%3A%3Aa%2Cb%3A%250A[^:]*::/)
  })

  test('the summary has the diagram, and what was not asked for stays text', () => {
    const text = summary(all)
    expect(text).toContain('## protocheck: 2 of 3 proofs are not as they should be')
    expect(text).toContain('```mermaid\nsequenceDiagram\n')
    expect(text).not.toContain('<script>')
    // The fence is longer than what the text has.
    expect(text).toContain('````text\n```\n')
  })

  test('the summary has mutants and claims last, in a line each', () => {
    const text = summary([
      { ...bad, variant: 'figure8', trace: null, message: 'It is `inconclusive`.' },
      { ...bad, title: 'raft  nodes 3' },
    ])
    expect(text).toMatch(
      /### raft nodes 3\n[\s\S]*### Mutants and claims\n\n- raft, figure8: It is &#96;inconclusive&#96;\. \(`specs\/raft\/protocol.ts:7`, `npx check/,
    )
  })

  test('a summary that is too long is shortened, and says so', () => {
    const many = Array.from({ length: 2_000 }, (_, i) => ({ ...bad, title: `raft, m${i}`, details: 'ü'.repeat(1_000) }))
    const text = summary(many)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(SUMMARY_MAX)
    expect(text).toMatch(/\d+ more are left out here/)
  })

  test('it is the default there', () => {
    expect(usualReporters({ GITHUB_ACTIONS: 'true' }).map(({ name }) => name)).toEqual(['text', 'github'])
    expect(usualReporters({}).map(({ name }) => name)).toEqual(['text'])
  })
})

test.each(['junit', 'sarif=', 'github=x', 'jnuit=x', ''])('--reporter %s is refused', given => {
  expect(() => parseReporters(given)).toThrow('WRONG VALUE')
})

test('a run writes them all: a property that is violated, at its line', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'reporters-'))
  writeFileSync(
    join(directory, 'counts.ts'),
    `import { Record } from 'immutable'
import { each, family } from 'protocheck'
class Counter extends Record({ count: 0 }) {}
export const counter = family({ limit: 2 }, ({ limit }) => ({
  name: 'counter', network: 'reliable',
  roles: { node: { count: 1, init: () => new Counter(), on: {}, actions: { count: { when: n => n.count < limit, do: n => n.set('count', n.count + 1) } } } },
  properties: {
    small: each('node', n => n.count, count => count < 2),
  },
}))`,
  )
  const { code, out } = await run('prove ./counts.ts --update --lock l.json --reporter github,junit=j.xml,ctrf=c.json,sarif=s.json', {}, { directory })
  expect([code, out]).toEqual([1, expect.stringContaining('::error file=counts.ts,line=8,title=')])
  const read = (name: string) => readFileSync(join(directory, name), 'utf8')
  expect(isSarif(JSON.parse(read('s.json'))), JSON.stringify(isSarif.errors)).toBe(true)
  expect(isCtrf(JSON.parse(read('c.json'))), JSON.stringify(isCtrf.errors)).toBe(true)
  expect(JSON.parse(read('s.json')).runs[0].results[0].locations[0].physicalLocation).toMatchObject({
    artifactLocation: { uri: 'counts.ts' },
    region: { startLine: 8 },
  })
  expect(await refusedJunit(read('j.xml'))).toEqual([false])
  expect(existsSync(join(directory, 'l.json'))).toBe(true)
})
