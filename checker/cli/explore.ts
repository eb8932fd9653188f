import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { platform } from 'node:os'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { visible } from '../trace/visible.ts'
import { findTarget, takeParameters } from './arguments.ts'
import { writeOutput } from './files.ts'
import { loadSpec } from './load.ts'
import { makePage, type PageParts } from './page.ts'
import { flagOf } from './parameters.ts'
import { parse } from './parse.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { parseCount } from './units.ts'
import { findVariant } from './variant.ts'

interface Flags {
  readonly mutant?: string
  readonly claim?: string
  readonly html?: string
  readonly port?: number
  readonly open: boolean
}

/** The only address that is listened at: nobody else on the network can ask. */
const HOST = '127.0.0.1'

/** `check explore <protocol | file.ts>`: a page to play with a protocol, served until Ctrl-C, or written to a file. */
export const explore = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check explore')
    .usage('<protocol | file.ts> [--parameter value …] [options]')
    .description('A page to play with a protocol: take steps, branch, and ask the checker. It is served to this machine only, until Ctrl-C.')
    .option('--mutant <name>', 'a broken variant instead of the protocol itself')
    .option('--claim <name>', 'a claim about the protocol that is known to be false')
    .option('--html <file>', 'write the page to a file; nothing is served')
    .addOption(new Option('--port <number>', 'the port (default: any that is free)').argParser(parseCount('--port', 1)))
    .option('--no-open', 'do not open it in a browser')
    .helpOption('-h, --help', 'this text')
    .addHelpText('after', '\nExit code:\n  0 it was ended by Ctrl-C, or written; 2 wrong use or a broken protocol')
  if (args.includes('--help') || args.includes('-h')) await parse(command, ['--help'], terminal)
  const [target, rest] = findTarget(args)
  const spec = await loadSpec(target, terminal.directory)
  const { given, options } = takeParameters(rest, spec.defaults, command)
  await parse(
    command,
    options.flatMap(({ words }) => words),
    terminal,
    Object.keys(spec.defaults).map(name => `--${flagOf(name)}`),
  )
  const { html, port, open, ...names } = command.opts<Flags>()
  const variant = findVariant(spec, names)
  const parameters = { ...spec.defaults, ...variant.parameters, ...given }
  // Refuses wrong parameters here, and not in the page.
  variant.make(parameters)
  const parts: PageParts = { trace: null, protocol: { spec, variant, parameters }, command: ['check explore', ...args.map(shellWord)].join(' ') }
  if (html === undefined) return serve(parts, { port: port ?? 0, open }, visible(spec.name), terminal)
  writeOutput(resolve(terminal.directory, html), await pageOf(parts), '--html')
  return 0
}

/** @throws SpecError where the protocol cannot be put into it: then there is nothing to play with */
const pageOf = async (parts: PageParts): Promise<string> => {
  const { html, without } = await makePage(parts)
  if (without === null) return html
  throw new SpecError({
    title: 'PROTOCOL DOES NOT GO INTO A PAGE',
    what: without,
    hint: 'A page has no modules of Node: leave out what the file imports of them. check itself can still be asked.',
  })
}

/** Serves the page anew at each request, so a reload shows the protocol as its file is now. @returns when Ctrl-C was pressed */
const serve = async (
  parts: PageParts,
  { port, open }: { readonly port: number; readonly open: boolean },
  name: string,
  terminal: Terminal,
): Promise<number> => {
  await pageOf(parts)
  const server = createServer((request, response) => void answer(request, response, parts, terminal))
  const found = await listen(server, port)
  const address = `http://${HOST}:${found}/`
  terminal.out(`${name} is at ${address}\nCtrl-C ends it.\n`)
  const ended = new Promise<void>(resolve => {
    const stopListening = terminal.onInterrupt(() => {
      stopListening()
      server.close(() => resolve())
      server.closeAllConnections()
    })
  })
  if (open && terminal.progressColumns > 0) openInBrowser(address)
  await ended
  return 0
}

/** @throws SpecError if the port is taken */
const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(
        new SpecError({ title: 'CANNOT LISTEN', place: `${HOST}:${port}`, what: error.message, hint: 'Leave out --port, or name another.' }, { cause: error }),
      ),
    )
    server.listen(port, HOST, () => resolve((server.address() as AddressInfo).port))
  })

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Is it this very server that is asked? A page of the internet whose name leads to this machine says its own name. */
const isForUs = ({ headers: { host = '' }, socket: { localPort } }: IncomingMessage): boolean => {
  const [, name = '', port = '80'] = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase()) ?? []
  return (name === 'localhost' || (isIP(name) === 4 && name === HOST)) && Number(port) === localPort
}

const answer = async (request: IncomingMessage, response: ServerResponse, parts: PageParts, terminal: Terminal): Promise<void> => {
  const say = (status: number, type: string, body: string): void => {
    response.writeHead(status, { ...headers, 'content-type': `${type}; charset=utf-8` })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (!isForUs(request)) return say(403, 'text/plain', 'Not for this host.\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'text/plain', 'Only GET.\n')
  if (request.url !== '/') return say(404, 'text/plain', 'There is nothing here.\n')
  try {
    say(200, 'text/html', await pageOf(parts))
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    terminal.err(`${text}\n`)
    say(500, 'text/plain', `${text}\n`)
  }
}

const openers: { readonly [platform: string]: readonly string[] } = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }

/** Where there is no way to open it, the address stands there. */
const openInBrowser = (address: string): void => {
  const [program = 'xdg-open', ...args] = openers[platform()] ?? ['xdg-open']
  const opened = spawn(program, [...args, address], { stdio: 'ignore', detached: true })
  opened.on('error', () => {})
  opened.unref()
}
