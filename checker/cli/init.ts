import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { visible } from '../trace/visible.ts'
import { writeText } from './files.ts'
import { parse } from './parse.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { manifest, packageFolder, version } from './version.ts'

/** What a project of one's own needs, besides protocheck. */
const needed = ['immutable', 'typescript', 'vitest'] as const

const scripts = { test: 'vitest run', typecheck: 'tsc' }

/** `check init [folder]`: a protocol, its tests and a workflow to begin with. @returns 0 @throws SpecError, before anything is written, where a file is there */
export const init = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check init')
    .argument('[folder]', 'where; by default here', '.')
    .description('Writes a starter protocol with a mutant, a test of both, and a workflow of GitHub. No file that is there is changed.')
    .helpOption('-h, --help', 'this text')
  await parse(command, args, terminal)
  const folder = resolve(terminal.directory, command.processedArgs[0] as string)
  const starter = fileURLToPath(new URL('starter/', packageFolder() as URL))
  const files = filesIn(starter)
  const taken = [...new Set(files.flatMap(path => inTheWay(folder, path) ?? []))]
  if (taken.length > 0)
    throw new SpecError({
      title: 'FILES ARE THERE ALREADY',
      place: folder,
      what: `There is ${taken.map(visible).join(', ')}.`,
      why: 'It would be replaced, so nothing was written.',
      hint: 'Name an empty folder: check init FOLDER',
    })
  const isNew = found(join(folder, 'package.json')) === undefined
  if (isNew) write(folder, 'package.json', packageJson(folder))
  for (const path of files) write(folder, path, readFileSync(join(starter, path), 'utf8'))
  const written = [...(isNew ? ['package.json'] : []), ...files]
  const enter = relative(terminal.directory, folder)
  terminal.out(
    `${[
      `Written${enter === '' ? '' : ` in ${enter}`}: ${written.join(', ')}.`,
      '',
      ...(isNew ? [] : [`There is a package.json already. Add to it:\n${additions().join('\n')}\n`]),
      'Next:',
      ...(enter === '' ? [] : [`  cd ${shellWord(enter)}`]),
      '  npm install && npm test                      the starter holds, and its mutant is caught',
      '  npx check prove ./protocols/*.ts --update    records what is claimed: commit proofs.lock.json, with package-lock.json, for the workflow',
    ].join('\n')}\n`,
  )
  return 0
}

const write = (folder: string, path: string, text: string): void => {
  const target = join(folder, path)
  try {
    mkdirSync(dirname(target), { recursive: true })
    writeText(target, text)
  } catch (error) {
    throw new SpecError(
      { title: 'FILE CANNOT BE WRITTEN', place: target, what: (error as Error).message, hint: 'Name another folder: check init FOLDER' },
      { cause: error },
    )
  }
}

/** Paths from the folder, in a fixed order. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(folder, path)).isFile())
    .sort()

/** A link that leads nowhere is there, too. */
const found = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })

/** What is in the way of a file: itself, or something that is no folder where its folder is to be. */
const inTheWay = (folder: string, path: string): string | undefined => {
  const parts = path.split(sep)
  for (const [i] of parts.entries()) {
    const part = parts.slice(0, i + 1).join(sep)
    const there = found(join(folder, part))
    if (there === undefined) return undefined
    if (i === parts.length - 1 || !(there.isDirectory() || statSync(join(folder, part), { throwIfNoEntry: false })?.isDirectory())) return part
  }
  return undefined
}

/** The versions that this checker is tested with. */
const versions = (): { readonly [name: string]: string } => {
  const { dependencies, devDependencies } = manifest() ?? { dependencies: {}, devDependencies: {} }
  const known: { readonly [name: string]: string } = { ...devDependencies, ...dependencies }
  return Object.fromEntries(needed.map(name => [name, known[name] ?? '*']))
}

const packageJson = (folder: string): string => {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const devDependencies = Object.fromEntries(Object.entries({ ...versions(), protocheck: whence(folder) }).sort(([a], [b]) => (a < b ? -1 : 1)))
  return `${JSON.stringify({ name: name || 'protocols', private: true, type: 'module', scripts, devDependencies }, null, 2)}\n`
}

const additions = (): readonly string[] => [
  `  npm install --save-dev ${Object.entries(versions())
    .map(([name, range]) => shellWord(`${name}@${range}`))
    .join(' ')}`,
  `  npm pkg set type=module ${Object.entries(scripts)
    .map(([name, script]) => shellWord(`scripts.${name}=${script}`))
    .join(' ')}`,
]

/** Where npm is to take protocheck from: the tarball that this one was installed from, that of the clone that it runs in, or the registry. */
const whence = (folder: string): string => {
  const home = fileURLToPath(packageFolder() as URL)
  const file = (path: string): string => `file:${relative(folder, path)}`
  if (existsSync(join(home, 'checker'))) return file(join(home, `protocheck-${version()}.tgz`))
  const project = resolve(home, '../..')
  const installed = join(project, 'node_modules/.package-lock.json')
  const { packages = {} } = existsSync(installed) ? (JSON.parse(readFileSync(installed, 'utf8')) as Installed) : {}
  const resolved = packages['node_modules/protocheck']?.resolved ?? ''
  return resolved.startsWith('file:') ? file(resolve(project, resolved.slice('file:'.length))) : `^${version()}`
}

/** What npm notes of the packages that it has installed. */
interface Installed {
  readonly packages?: { readonly [path: string]: { readonly resolved?: string } }
}
