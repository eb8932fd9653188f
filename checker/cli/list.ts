import { Command } from 'commander'
import type { Proof } from '../prove/lock.ts'
import { visible, visibleProse } from '../trace/visible.ts'
import { listedJson } from './contract.ts'
import { loadSpec, type Spec, specNames } from './load.ts'
import { bundledProofs } from './lock-file.ts'
import { showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'

/** `check list [protocols…]`: those that are named, or all that come with the checker. */
export const list = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check list')
    .argument('[protocols...]', 'names, or paths of files; by default all that come with the checker')
    .description('The protocols, their parameters, properties and mutants.')
    .option('--json', 'an array')
  await parse(command, args, terminal)
  const specs: Spec[] = []
  const proofs = bundledProofs()
  for (const name of command.args.length > 0 ? command.args : specNames()) specs.push(await loadSpec(name, terminal.directory))
  if (command.opts<{ json?: true }>().json) terminal.out(`${JSON.stringify(specs.map(listedJson), null, 2)}\n`)
  else
    terminal.out(
      specs
        .map(
          spec =>
            `${show(
              spec,
              terminal,
              proofs.filter(({ protocol }) => protocol === spec.command),
            )}\n`,
        )
        .join('\n'),
    )
  return 0
}

const show = ({ name, source, defaults, properties, mutants, claims }: Spec, { colors }: Terminal, proofs: readonly Proof[]): string =>
  [
    `${colors.bold(visible(name))}  ${colors.dim(visibleProse(source ?? ''))}`.trimEnd(),
    `  parameters  ${showParameters(defaults)}`,
    ...proofs.map(
      ({ parameters, states, depth, complete, seconds }) =>
        `  proved      ${states.toLocaleString('en')} states, depth ${depth}, ${complete ? 'complete' : 'bounded'}, ${seconds} s: ${showParameters(parameters)}`,
    ),
    `  properties  ${properties.map(visible).join(', ')}`,
    `  mutants     ${Object.keys(mutants).map(visible).join(', ') || 'none'}`,
    ...(Object.keys(claims).length === 0 ? [] : [`  refutes     ${Object.keys(claims).map(visible).join(', ')}`]),
  ].join('\n')
