import { resolve } from 'node:path'
import { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import { type Format, formats } from '../trace/formats/formats.ts'
import { shivizExpression } from '../trace/formats/shiviz.ts'
import { writeOutput } from './files.ts'
import { parse } from './parse.ts'
import { readTrace } from './replay.ts'
import type { Terminal } from './terminal.ts'

const names = Object.keys(formats) as Format[]

/** `check show FILE`: writes a saved counterexample in another form. No code of a protocol runs. */
export const show = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check show')
    .description('A saved counterexample in another form: for documents, pull requests and other tools. No code of the protocol runs.')
    .argument('<file>', 'what check … --save wrote (.json)')
    .option('--format <name>', names.join(', '), 'text')
    .option('-o, --output <file>', 'write it there, in place of stdout')
    .helpOption('-h, --help', 'this text')
    .addHelpText(
      'after',
      `\nFormats:\n${names.map(name => `  ${name.padEnd(9)} ${formats[name].what}`).join('\n')}\n\nJSON is described by schema/trace.schema.json.\n\nExit code:\n  0 written, 2 wrong use or a broken file`,
    )
  await parse(command, args, terminal)
  const [file] = command.processedArgs as [string]
  const { format, output } = command.opts<{ readonly format: string; readonly output?: string }>()
  if (!isFormat(format)) throw new SpecError({ title: 'NO SUCH FORMAT', what: `There is no format ${JSON.stringify(format)}.`, hint: suggest(format, names) })
  const text = formats[format].render(readTrace(file, terminal.directory))
  if (output === undefined) terminal.out(text)
  else if (resolve(terminal.directory, output) === resolve(terminal.directory, file))
    throw new SpecError({ title: 'FILE CANNOT BE WRITTEN', place: output, what: 'It is the trace itself.', hint: 'Name another file: --output FILE' })
  else writeOutput(resolve(terminal.directory, output), text)
  if (format === 'shiviz') terminal.err(`ShiViz reads it by this expression:\n  ${shivizExpression}\n`)
  return 0
}

const isFormat = (name: string): name is Format => Object.hasOwn(formats, name)
