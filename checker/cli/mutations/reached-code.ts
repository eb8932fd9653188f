import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Modules } from '../load.ts'
import { bare, hasKeys, nameOf, parseProgram, partsOf, propertiesOf, type Syntax } from './syntax.ts'

/** A file of a spec. */
export interface Source {
  readonly path: string
  readonly text: string
}

/** A part of the code that says what nodes do, with the parts that it lies in, the nearest first. */
export interface Site extends Source {
  readonly node: Syntax
  readonly above: readonly Syntax[]
}

interface Module extends Source {
  /** What is declared in it, wherever: by its name. */
  readonly declared: Map<string, Syntax>
  /** What it imports from files beside it: the path, and the name there. */
  readonly imported: Map<string, { readonly path: string; readonly name: string }>
  readonly exported: Map<string, string>
}

/** Of a protocol, what is behaviour; of a role, what is not. Bounds and names are neither. */
const behaviourKeys = new Set(['roles', 'steps', 'network', 'timing'])
const boundKeys = new Set(['count', 'names', 'within'])

export const isProtocol = (node: Syntax): boolean => hasKeys(node, 'roles', 'properties')
export const isRole = (node: Syntax): boolean => hasKeys(node, 'on', 'init')

/**
 * The code that says what nodes do: handlers, actions, recoveries, ticks, steps, and what these call, in all files of a spec. Not what only properties, observers or bounds use: a
 * property that asks less is no other protocol.
 */
export class ReachedCode {
  readonly #modules = new Map<string, Module>()
  readonly #isFile: (path: string) => boolean
  readonly #seen = new Set<Syntax>()
  readonly #left: { readonly module: Module; readonly node: Syntax }[] = []
  readonly sites: Site[] = []

  /** @param isOwn whether a file belongs to the spec, and not to the checker */
  constructor({ file, exported }: Modules, isOwn: (path: string) => boolean) {
    this.#isFile = path => isOwn(path) && existsSync(path) && statSync(path).isFile()
    this.#refer(this.#module(file), exported)
    for (let next = this.#left.shift(); next !== undefined; next = this.#left.shift()) this.#visit(next.node, next.module, [])
  }

  #module(path: string): Module {
    const known = this.#modules.get(path)
    if (known !== undefined) return known
    const text = readFileSync(path, 'utf8')
    const module: Module = { path, text, declared: new Map(), imported: new Map(), exported: new Map() }
    this.#modules.set(path, module)
    const program = parseProgram(text, path)
    for (const statement of program['body'] as readonly Syntax[]) this.#declare(statement, module)
    return module
  }

  /** @returns whether it declares something: then it is code only where that is named */
  #declare(statement: Syntax, module: Module): boolean {
    const { declared, imported } = module
    const inner = statement['declaration'] as Syntax | null | undefined
    switch (statement.type) {
      case 'ImportDeclaration':
        for (const one of statement['specifiers'] as readonly Syntax[]) {
          const path = this.#resolve(String((statement['source'] as Syntax)['value']), module.path)
          const name = one.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(one['imported'])
          if (path !== undefined && name !== undefined) imported.set(nameOf(one['local']) as string, { path, name })
        }
        return true
      case 'ExportNamedDeclaration':
        for (const one of statement['specifiers'] as readonly Syntax[]) this.#export(one, statement, module)
        return inner != null && this.#declare(inner, module)
      case 'ExportDefaultDeclaration':
        declared.set('default', inner as Syntax)
        return true
      case 'VariableDeclaration':
        for (const one of statement['declarations'] as readonly Syntax[]) for (const name of namesIn(one['id'] as Syntax)) declared.set(name, one)
        return true
      case 'FunctionDeclaration':
      case 'ClassDeclaration':
        declared.set(nameOf(statement['id']) as string, statement)
        return true
      default:
        return false
    }
  }

  #export(one: Syntax, { source }: Syntax, { path: from, imported, exported }: Module): void {
    const [local, name] = [nameOf(one['local']) as string, nameOf(one['exported']) as string]
    const path = source == null ? undefined : this.#resolve(String((source as Syntax)['value']), from)
    exported.set(name, source == null ? local : `export ${name}`)
    if (path !== undefined) imported.set(`export ${name}`, { path, name: local })
  }

  #resolve(named: string, from: string): string | undefined {
    if (!named.startsWith('.')) return undefined
    const path = resolve(dirname(from), named)
    return [path, ...['.ts', '.mts', '.js', '.mjs'].map(ending => path + ending), path.replace(/js$/, 'ts'), join(path, 'index.ts')].find(this.#isFile)
  }

  #refer(module: Module, name: string): void {
    const local = module.exported.get(name) ?? name
    const from = module.imported.get(local)
    if (from !== undefined) this.#refer(this.#module(from.path), from.name)
    const node = from === undefined ? module.declared.get(local) : undefined
    if (node === undefined || this.#seen.has(node)) return
    this.#seen.add(node)
    this.#left.push({ module, node })
  }

  #visit(node: Syntax, module: Module, above: readonly Syntax[]): void {
    if (node.type === 'Identifier') this.#refer(module, node['name'] as string)
    else {
      this.sites.push({ path: module.path, text: module.text, node, above })
      for (const part of this.#codeIn(node, module)) this.#visit(part, module, [node, ...above])
    }
  }

  /** The parts of a part that say what nodes do. */
  #codeIn(node: Syntax, module: Module): readonly Syntax[] {
    if (node.type === 'ObjectExpression' && (isProtocol(node) || isRole(node))) {
      const isCode = (key: string): boolean => (isProtocol(node) ? behaviourKeys.has(key) : !boundKeys.has(key))
      return (node['properties'] as readonly Syntax[]).filter(part => part.type !== 'Property' || isCode(nameOf(part['key']) ?? ''))
    }
    // So is the horizon of time.
    if (hasKeys(node, 'delay', 'horizon')) return propertiesOf(node).filter(part => nameOf(part['key']) !== 'horizon')
    // The defaults of the parameters are bounds; so is what a record begins with.
    if (node.type === 'CallExpression' && nameOf(node['callee']) === 'family') return (node['arguments'] as readonly Syntax[]).slice(1)
    if (node.type === 'ClassDeclaration') return [node['body'] as Syntax]
    // What stands around a protocol is code only where its code names it.
    if (node.type === 'BlockStatement' && holdsProtocol(node)) return (node['body'] as readonly Syntax[]).filter(part => !this.#declare(part, module))
    return partsOf(node)
  }
}

const holdsProtocol = (node: Syntax): boolean => isProtocol(node) || partsOf(node).some(holdsProtocol)

/** The names that a pattern declares. */
const namesIn = (pattern: Syntax): readonly string[] => {
  if (pattern.type === 'Identifier') return [pattern['name'] as string]
  if (pattern.type === 'ObjectPattern') return propertiesOf(pattern).flatMap(property => namesIn(bare(property['value'] as Syntax)))
  if (pattern.type === 'ArrayPattern') return (pattern['elements'] as readonly (Syntax | null)[]).flatMap(element => (element === null ? [] : namesIn(element)))
  return pattern.type === 'AssignmentPattern' ? namesIn(pattern['left'] as Syntax) : []
}
