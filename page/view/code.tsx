import { visible } from '../../checker/trace/visible.ts'
import type { CodePart, CoveredFile } from '../page-data.ts'
import type { AskedRule } from '../session/rules.ts'

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
