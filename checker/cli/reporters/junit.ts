import { type Case, protocolsOf, rules } from './case.ts'

/** What XML 1.0 cannot hold is shown by its number. */
const clean = (text: string): string =>
  text.replaceAll(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

const escaped = (text: string): string => clean(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const attributes = (all: { readonly [name: string]: string | number }): string =>
  Object.entries(all)
    .map(
      ([name, value]) =>
        ` ${name}="${escaped(String(value))
          .replaceAll('"', '&quot;')
          .replaceAll(/[\n\r\t]/g, character => `&#${character.charCodeAt(0)};`)}"`,
    )
    .join('')

/** JUnit XML, a suite for each protocol, as the schema of Jenkins has it: no element or attribute that it lacks. So the place of a failure stands in its text. */
export const junit = (cases: readonly Case[]): string => {
  const suites = protocolsOf(cases).map(protocol =>
    suite(
      protocol,
      cases.filter(one => one.protocol === protocol),
    ),
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ name: 'protocheck', ...counts(cases) })}>\n${suites.join('')}</testsuites>\n`
}

const counts = (cases: readonly Case[]) => ({
  tests: cases.length,
  failures: cases.filter(({ rule }) => rule !== null && rule !== 'broken').length,
  errors: cases.filter(({ rule }) => rule === 'broken').length,
  time: Math.round(cases.reduce((sum, { seconds }) => sum + seconds, 0) * 10) / 10,
})

const suite = (protocol: string, cases: readonly Case[]): string =>
  `  <testsuite${attributes({ name: protocol, ...counts(cases), skipped: 0 })}>\n${cases.map(testcase).join('')}  </testsuite>\n`

const testcase = ({ protocol, title, seconds, rule, message, details, file, line }: Case): string => {
  const begin = `    <testcase${attributes({ classname: protocol, name: title, time: seconds })}`
  if (rule === null) return `${begin}/>\n`
  const element = rule === 'broken' ? 'error' : 'failure'
  return `${begin}>\n      <${element}${attributes({ message, type: rules[rule] })}>${escaped(`${file}:${line}\n${details}`)}</${element}>\n    </testcase>\n`
}
