import { jsonParameters } from '../../protocol/json-parameters.ts'
import type { Parameters, Survivors } from '../../protocol/spec.ts'
import { visible, visibleProse } from '../../trace/visible.ts'
import type { Spec } from '../load.ts'
import { showParameters } from '../parameters.ts'
import type { Terminal } from '../terminal.ts'
import { counted, formatSeconds } from '../units.ts'
import { kinds } from './operators.ts'
import type { Outcome } from './run-mutants.ts'

/** Reasons for survivors that there are not: the mutant is killed, or does the same, or is not made any more. */
export const unusedOf = (survivors: Survivors, outcomes: readonly Outcome[]): Survivors =>
  survivors.filter(({ from, to }) => {
    const made = outcomes.filter(({ mutant }) => mutant.from === from && mutant.to === to)
    return made.every(({ result }) => result === 'killed' || result === 'same' || result === 'alike')
  })

const resultText = ({ result, by, steps, at }: Outcome): string => {
  switch (result) {
    case 'killed':
      return `killed by ${visible(by ?? '')}${steps === null ? '' : ` after ${counted(steps, 'step')}`}${at === null ? '' : `, at ${showParameters(at)}`}`
    case 'same':
      return 'does the same'
    case 'alike':
      return 'its nodes take the same steps'
    case 'survived':
      return 'survived'
    case 'argued':
      return `survived, and may: ${visibleProse(by ?? '')}`
    case 'undecided':
      return `undecided (${visibleProse(by ?? 'no reason')})`
    case 'left':
      return 'not looked at'
  }
}

const lines = (text: string, sign: string): readonly string[] => text.split('\n').map(line => `  ${sign} ${visible(line)}`)

/** What came of one mutant, with its change. */
export const outcomeText = (outcome: Outcome, { colors }: Terminal): string => {
  const { mutant, result, differs } = outcome
  const colour = result === 'survived' ? colors.red : result === 'killed' ? colors.green : colors.yellow
  const head = `${colour(resultText(outcome))}  ${visible(mutant.shown)}:${mutant.line}  ${kinds[mutant.kind]}`
  return `${[head, ...lines(mutant.from, '-'), ...lines(mutant.to, '+'), ...differs.map(line => `    ${line}`)].join('\n')}\n`
}

const count = (outcomes: readonly Outcome[], ...results: readonly Outcome['result'][]): number =>
  outcomes.filter(({ result }) => results.includes(result)).length

export const summaryText = (
  spec: Spec,
  parameters: Parameters,
  outcomes: readonly Outcome[],
  unused: Survivors,
  elsewhere: number,
  { colors }: Terminal,
): string => {
  const killers = new Map<string, number>()
  for (const { result, by } of outcomes) if (result === 'killed' && by !== null) killers.set(by, (killers.get(by) ?? 0) + 1)
  const killed = [...killers].sort(([, a], [, b]) => b - a).map(([name, times]) => `${visible(name)} ${times}`)
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0)
  const argued = count(outcomes, 'argued')
  const parts = [
    `${count(outcomes, 'killed')} killed`,
    `${count(outcomes, 'same')} do the same`,
    `${count(outcomes, 'alike')} differ in messages only`,
    `${counted(count(outcomes, 'survived', 'argued'), 'survivor')}${argued === 0 ? '' : `, ${argued} of them with a reason`}`,
    `${count(outcomes, 'undecided')} undecided`,
    ...(count(outcomes, 'left') === 0 ? [] : [`${count(outcomes, 'left')} not looked at (--budget)`]),
  ]
  const head = [visible(spec.command), ...(Object.keys(parameters).length === 0 ? [] : [showParameters(parameters)])].join('  ')
  return `${[
    `${colors.bold(`${head}: ${counted(outcomes.length, 'mutant')}`)}: ${parts.join('; ')}. ${formatSeconds(seconds)}`,
    ...(elsewhere === 0 ? [] : [`${counted(elsewhere, 'mutant')} of files in other folders not made (--imported).`]),
    ...(killed.length === 0 ? [] : [`Killed by: ${killed.join(', ')}`]),
    ...unused.flatMap(({ from, to }) => [
      colors.red('`survivors` has a reason for what does not survive, or is not made any more; remove it:'),
      ...lines(from, '-'),
      ...lines(to, '+'),
    ]),
  ].join('\n')}\n`
}

/** What `check mutate --json` prints: a contract with scripts, as that of a check. */
export const mutateJson = (spec: Spec, parameters: Parameters, outcomes: readonly Outcome[], unused: Survivors): object => ({
  protocol: spec.name,
  parameters: jsonParameters(parameters),
  mutants: outcomes.map(({ mutant: { kind, shown, line, from, to }, result, by, steps, at, differs, seconds }) => ({
    kind,
    file: shown,
    line,
    from,
    to,
    result,
    by,
    steps,
    at,
    differs,
    seconds,
  })),
  killed: count(outcomes, 'killed'),
  same: count(outcomes, 'same'),
  alike: count(outcomes, 'alike'),
  survived: count(outcomes, 'survived'),
  argued: count(outcomes, 'argued'),
  undecided: count(outcomes, 'undecided'),
  left: count(outcomes, 'left'),
  unused,
})
