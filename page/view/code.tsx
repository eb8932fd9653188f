import { visible } from '../../checker/trace/visible.ts'
import { type CodePart, type CoveredFile, codeKey } from '../page-data.ts'
import type { AskedRule } from '../session/rules.ts'
import type { Moment, Session } from '../session/session.ts'

/** The code of the step to a moment: none where it was not found, or the step has none. */
export const codeFor = (session: Session, { step }: Moment, code: { readonly [key: string]: readonly CodePart[] }): readonly CodePart[] => {
  const role = session.walker?.system.nodes.find(({ label }) => label === step?.node)?.role
  const key = step && keyOf(step.kind, role ?? '', step.name)
  return key !== null && Object.hasOwn(code, key) ? (code[key] as readonly CodePart[]) : []
}

const keyOf = (kind: NonNullable<Moment['step']>['kind'], role: string, name: string): string | null => {
  switch (kind) {
    case 'receive':
      return codeKey(role, 'handler', name)
    case 'action':
      return codeKey(role, 'action', name)
    case 'restart':
      return codeKey(role, 'recover', 'recover')
    case 'step':
      return codeKey('', 'step', name)
    default:
      return null
  }
}

/** The lines of a part at which rules are asked for, by their labels. */
const ruleLines = (text: string): ReadonlyMap<number, string> =>
  new Map(
    [...text.matchAll(/\brule\(\s*(['"`])((?:(?!\1).)*)\1/g)].map(({ 0: all, 2: label = '', index }) => [
      text.slice(0, index + all.length).split('\n').length - 1,
      label,
    ]),
  )

const saying = ({ answers, isDecided }: AskedRule): string =>
  `${answers.length > 1 ? 'holds for some choices' : answers[0] === true ? 'holds' : 'does not hold'}${isDecided ? '; the mutant decides it' : ''}`

const signOf = (rule: AskedRule | undefined): string => (rule === undefined ? '' : rule.answers.length > 1 ? '±' : rule.answers[0] === true ? '✓' : '✗')

/** The code of a step, with what its rules found in it. */
export const Code = ({
  parts,
  rules,
  coverage,
}: {
  readonly parts: readonly CodePart[]
  readonly rules: readonly AskedRule[]
  readonly coverage: readonly CoveredFile[]
}) => (
  <>
    {rules.length > 0 && (
      <ul class="rules">
        {rules.map(rule => (
          <li key={rule.label}>
            <span aria-hidden="true">{signOf(rule)}</span> {visible(rule.label)}: {saying(rule)}
          </li>
        ))}
      </ul>
    )}
    {parts.map(part => (
      <Lines key={`${part.file} ${part.line}`} part={part} rules={rules} covered={coverage.find(({ file }) => file === part.file)} />
    ))}
  </>
)

/** All of the source, with what no execution comes to. */
export const Coverage = ({ files }: { readonly files: readonly CoveredFile[] }) => (
  <>
    <p class="quiet">What no execution within these bounds comes to is marked.</p>
    {files.map(covered => (
      <Lines key={covered.file} part={{ ...covered, line: 1, cites: null }} rules={[]} covered={covered} />
    ))}
  </>
)

/** What of a line never ran. */
const missOf = (line: number, covered: CoveredFile | undefined): string =>
  covered?.never.includes(line) ? 'never ran' : covered?.partly.includes(line) ? 'ran in part' : ''

const Lines = ({
  part: { file, line, text, cites },
  rules,
  covered,
}: {
  readonly part: CodePart
  readonly rules: readonly AskedRule[]
  readonly covered: CoveredFile | undefined
}) => {
  const labels = ruleLines(text)
  return (
    <figure class="code">
      <figcaption>
        {visible(file)}:{line}
        {cites === null ? '' : ` · ${visible(cites)}`}
      </figcaption>
      <pre>
        {text.split('\n').map((content, i) => {
          const label = labels.get(i)
          const rule = label === undefined ? undefined : rules.find(one => one.label === label)
          const miss = missOf(line + i, covered)
          return (
            <code
              key={i}
              class={`${label === undefined ? '' : rule === undefined ? 'rule' : 'rule asked'}${miss === '' ? '' : ' missed'}`}
              data-sign={signOf(rule)}
            >
              {visible(content)}
              {miss !== '' && <span>{miss}</span>}
              {'\n'}
            </code>
          )
        })}
      </pre>
    </figure>
  )
}
