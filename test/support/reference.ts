/**
 * docs/protocol.md, made from the doc comments of what `checker/index.ts` exports, and its examples as a file that is compiled and run.
 *
 * An example is a fenced block after `@example`. The word after `ts` says where the code stands: `protocol` among the fields of the lock server of
 * test/fixtures/reference/lock-server.ts, `client.on` among the handlers of its clients, and so on: see `places`.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { API, type Project, SymbolFlags } from 'typescript/unstable/sync'

/** Something that an author may write, as the page shows it. */
interface Item {
  readonly name: string
  /** How it is declared, in a line; empty where that says nothing. */
  readonly declared: string
  readonly text: string
  readonly example: Example | null
}

interface Example {
  /** One of `places`. */
  readonly place: string
  readonly code: string
}

/** An export, with its members if it is an interface or a class. */
export interface Export extends Item {
  readonly kind: 'value' | 'class' | 'type'
  readonly members: readonly Item[]
}

/** A part of the page: `each`, or `Role.*` for all members of an interface in their order, or `Role.count` for one. */
interface Section {
  readonly title: string
  readonly text: string
  /** The file with the protocol that the examples change, where it is not the lock server. */
  readonly base?: string
  readonly items: readonly string[]
}

const sections: readonly Section[] = [
  {
    title: 'The protocol',
    text: 'A protocol is one plain value, `{ … } satisfies Protocol<Roles, Event, Kind, Observers>`. `Roles` names the kinds of nodes; `Event`, what they tell the observers; `Kind`, the kinds of abstract values; `Observers`, what the observers remember. All but the first may be left out.',
    items: ['Protocol.*'],
  },
  { title: 'A role', text: 'A role is one kind of node: an entry of `roles`.', items: ['Role.*', 'From', 'Action.*'] },
  {
    title: 'In the code of a node',
    text: 'Handlers and actions are pure functions from the state of a node to its next state. Their last parameter, the context, says where they run; what is to happen besides goes through it. That of `init` and `recover` has of these `choose` only, and that of `when` none.',
    items: ['Place.*', 'Choosing.choose', 'Here.*', 'Id', 'Id.rank'],
  },
  {
    title: 'Global steps',
    text: 'A global step reads and changes several nodes at once. `when` and `do` see the world: `nodes`, `values`, `get`, `all` and `crashed` as in properties, and what follows.',
    items: ['GlobalStep.*', 'GlobalHere.set', 'GlobalHere.send', 'GlobalHere.choose', 'GlobalHere.emit', 'GlobalHere.rule'],
  },
  {
    title: 'Faults',
    text: 'Entries of `faults`. Without `atMost` a fault may happen any number of times.',
    items: ['crashStop', 'crashRecovery', 'loss', 'duplication', 'partition', 'byzantine', 'forgery', 'Signed'],
  },
  {
    title: 'Time',
    text: 'The field `timing`. What a tick does to a node, and what is to be done before the next, say `tick` and `due` of its role; [time](time.md) says what they mean.',
    items: ['synchronous', 'partiallySynchronous', 'asynchronous'],
  },
  {
    title: 'Properties',
    text: 'Entries of `properties`. A view (the first function) says what of a node is looked at. The less it is, the faster is the search.',
    items: ['each', 'some', 'eachPair', 'somePair', 'eachPairOf', 'somePairOf', 'always', 'World.*', 'observed', 'step', 'reachable', 'canAlways'],
  },
  {
    title: 'Liveness',
    text: "Entries of `properties` that are asked of whole executions, of those that are fair: here with `fairness: [fairDelivery(), weaklyFair('client', 'acquire', 'release')]`. What they mean, and how they are judged, says [liveness](liveness.md).",
    items: ['eventually', 'leadsTo', 'alwaysEventually', 'eventuallyAlways', 'eachEventually', 'eachLeadsTo', 'eachAlwaysEventually', 'eachEventuallyAlways'],
  },
  {
    title: 'Fairness',
    text: 'Entries of `fairness`. Without them nothing is fair: a node may stop at any time, and a message may be under way for ever.',
    items: ['fairDelivery', 'stronglyFairDelivery', 'weaklyFair', 'stronglyFair', 'weaklyFairSteps', 'stronglyFairSteps'],
  },
  { title: 'Observers', text: 'Entries of `observers`: what happened, as far as a property asks about it.', items: ['Observer.*'] },
  {
    title: 'Judges of broadcasts',
    text: 'Observers of nodes that emit `{ type: "broadcast", message }` and `{ type: "deliver", message }`, and what to ask of their states.',
    base: 'broadcast.ts',
    items: [
      'deliveries',
      'noCreation',
      'noDuplication',
      'agreement',
      'validity',
      'fifoOrder',
      'causalOrder',
      'totalOrder',
      'kept',
      'strongEventualConsistency',
    ],
  },
  {
    title: 'Judges of events',
    text: 'An observer of nodes that emit their events with timestamps (`CausalEvent`), and what to ask of its state.',
    base: 'clocks.ts',
    items: [
      'happensBefore',
      'clockCondition',
      'strongClockCondition',
      'uniqueTimestamps',
      'totalOrderOfEvents',
      'eachTwoEvents',
      'someTwoEvents',
      'eventsOf',
      'relationOf',
    ],
  },
  {
    title: 'Judges of operations',
    text: 'Observers of clients that emit `{ type: "invoke", op, … }` and `{ type: "return", result }`, the objects that they use, and logs.',
    base: 'register.ts',
    items: [
      'linearization',
      'operations',
      'linearizableHistory',
      'linearize',
      'sequentiallyConsistent',
      'causallyConsistent',
      'sessions',
      'readYourWrites',
      'monotonicReads',
      'monotonicWrites',
      'writesFollowReads',
      'register',
      'casRegister',
      'keyValue',
      'isPrefix',
      'arePrefixConsistent',
    ],
  },
  { title: 'Layers', text: 'An algorithm under another, in the same node.', items: ['Layer', 'applicationOver'] },
  {
    title: 'Families, mutants, claims',
    text: 'What a file exports.',
    items: ['family', 'Mutant', 'Mutant.*', 'Claim', 'Claim.*', 'Proofs', 'Survivors', 'withHandler', 'withAction', 'withRule', 'withClaim'],
  },
  {
    title: 'As a library',
    text: 'For tests and scripts of your own.',
    items: ['explore', 'Options.*', 'Report.*', 'threads', 'renderText', 'renderSteps', 'SpecError'],
  },
]

const root = fileURLToPath(new URL('../..', import.meta.url))

const read = (path: string): string => readFileSync(new URL(`../fixtures/reference/${path}`, import.meta.url), 'utf8')

/** What `checker/index.ts` exports, in its order. */
export const readExports = (): readonly Export[] => {
  const api = new API({ cwd: root })
  try {
    const project = api.updateSnapshot({ openProjects: [`${root}tsconfig.json`] }).getProject(`${root}tsconfig.json`)
    const index = project?.program.getSourceFile(`${root}checker/index.ts`)
    const module = index && project?.checker.getSymbolAtLocation(index)
    if (project === undefined || module === undefined) throw new Error('The compiler does not find checker/index.ts.')
    return project.checker.getExportsOfModule(module).map(symbol => exportOf(symbol, project))
  } finally {
    api.close()
  }
}

type CompilerSymbol = ReturnType<Project['checker']['getExportsOfModule']>[number]

const exportOf = (exported: CompilerSymbol, project: Project): Export => {
  const symbol = exported.flags & SymbolFlags.Alias ? project.checker.getAliasedSymbol(exported) : exported
  const kind = symbol.flags & SymbolFlags.Class ? 'class' : symbol.flags & SymbolFlags.Value ? 'value' : 'type'
  const members = symbol.flags & SymbolFlags.Interface || exported.name === 'Id' ? [...symbol.getMembers().values()] : []
  return {
    ...itemOf(symbol, project),
    kind,
    members: members.filter(({ name }) => /^[a-z]\w*$/.test(name)).map(member => itemOf(member, project)),
  }
}

const itemOf = (symbol: CompilerSymbol, project: Project): Item => {
  const examples = symbol.getJsDocTags(project.checker).filter(({ name }) => name === 'example')
  const tag = examples[0]?.text
  return {
    name: symbol.name,
    declared: declarationOf(symbol, project),
    text: symbol.getDocumentationComment(project.checker).trim(),
    example: tag === undefined ? null : exampleOf(symbol.name, typeof tag === 'string' ? tag : ''),
  }
}

const declarationOf = (symbol: CompilerSymbol, project: Project): string => {
  const text = symbol.declarations?.[0]?.resolve(project)?.getText() ?? ''
  const line = text
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  const [, parameters] = /^\w+ = (?:async )?(?:<.*?>)?\((.*?)\)(?::.*?)? =>/.exec(line) ?? []
  return parameters === undefined ? line : ''
}

const exampleOf = (name: string, text: string): Example => {
  const [, place, code] = /^```ts (\S+)\n([\s\S]*?)\n```$/.exec(text.trim()) ?? []
  if (place === undefined || code === undefined) throw new Error(`The example of ${name} is no block that begins with \`\`\`ts and a place.`)
  return { place, code }
}

type Titled = readonly [title: string, item: Item]

/** The items of a section: those that have a place of their own in the page. */
const itemsOf = (section: Section, exports: readonly Export[]): readonly Titled[] =>
  section.items.flatMap((path): readonly Titled[] => {
    const [name, member] = path.split('.')
    const found = exports.find(one => one.name === name)
    if (found === undefined) throw new Error(`The page is to show ${path}, which is not exported.`)
    if (member === undefined) return [[found.name, found]]
    const members = found.members.filter(one => member === '*' || one.name === member)
    if (members.length === 0) throw new Error(`The page is to show ${path}, which there is not.`)
    return members.map(one => [`${found.name}.${one.name}`, one])
  })

/** All items that have a place of their own in the page, with the examples. */
export const allItems = (exports: readonly Export[]): readonly Titled[] => sections.flatMap(section => itemsOf(section, exports))

/** Interfaces whose members are described, without an example for each: they are read, or given, and not written by the author of a protocol. */
const described: ReadonlySet<string> = new Set(['Options', 'Report', 'Mutant', 'Claim'])

export const needsExample = (title: string): boolean => !described.has(title.split('.')[0] ?? '') || !title.includes('.')

/** docs/protocol.md */
export const renderPage = (exports: readonly Export[]): string => {
  const shown = new Set(sections.flatMap(({ items }) => items.filter(path => !path.includes('.'))))
  const rest = exports.filter(({ name }) => !shown.has(name)).sort((a, b) => (a.name < b.name ? -1 : 1))
  return [
    '# What a spec may say',
    '<!-- Written by npm run readme from the doc comments in checker/. Every example is compiled and run by npm test. -->',
    'Everything that `import { … } from \'protocheck\'` offers, with an example each. Begin with the README, "Your own protocol".',
    'Most examples change this lock server, in which clients ask for a lock and the server grants it in turn. They are what is written in place of, or besides, what stands there.',
    base('lock-server.ts'),
    `${sections.map(({ title }) => `- [${title}](#${anchor(title)})`).join('\n')}\n- [Types](#types)`,
    ...sections.flatMap(section => [
      `## ${section.title}`,
      section.text,
      ...(section.base === undefined ? [] : [base(section.base)]),
      ...groups(itemsOf(section, exports)),
    ]),
    '## Types',
    'What the functions above take and give, by name.',
    table(
      ['type', 'meaning'],
      rest.map(({ name, text }) => [`\`${name}\``, flat(text)]),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

const base = (file: string): string => `\`\`\`ts\n${read(file).replaceAll('../../../checker/index.ts', 'protocheck').trim()}\n\`\`\``

const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .replaceAll(' ', '-')

/** Items one by one; members without examples in a table. */
const groups = (items: readonly Titled[]): string[] => {
  const parts: string[] = []
  let rows: string[][] = []
  let owner = ''
  const flush = (): void => {
    if (rows.length > 0) parts.push(table([`\`${owner}\``, 'meaning'], rows))
    rows = []
  }
  for (const [title, item] of items) {
    const [name = ''] = title.split('.')
    if (needsExample(title)) {
      flush()
      parts.push(renderItem(title, item))
    } else {
      if (name !== owner) flush()
      owner = name
      rows.push([`\`${item.declared.replace(/^readonly /, '')}\``, flat(item.text)])
    }
  }
  flush()
  return parts
}

const flat = (text: string): string => text.replace(/\s+/g, ' ').trim()

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')

/** The last word of `Role.count` is what an author writes; what it belongs to stands before it. */
const renderItem = (title: string, { declared, text, example }: Item): string => {
  const heading = `### \`${title}\``
  const isMember = title.includes('.')
  return [
    heading,
    ...(isMember && declared !== '' && declared.length <= 200 ? [`\`${declared.replace(/^readonly /, '')}\``] : []),
    text,
    ...(example === null ? [] : [`\`\`\`ts\n${example.code}\n\`\`\``]),
  ].join('\n\n')
}

/** How the code of an example becomes a whole protocol, by the place in which it stands. */
const places: { readonly [place: string]: (code: string) => string } = {
  protocol: code => `({ ...lockServer(), ${code} }) satisfies Locks`,
  steps: code => `({ ...lockServer(), steps: { ${code} } }) satisfies Locks`,
  properties: code => `({ ...lockServer(), properties: { ...lockServer().properties, ${code} } }) satisfies Locks`,
  liveness: code =>
    `({ ...lockServer(), fairness: [fairDelivery(), weaklyFair('client', 'acquire', 'release')], properties: { ...lockServer().properties, ${code} } }) satisfies Locks`,
  observers: code => `({ ...lockServer(), observers: { ...lockServer().observers, ${code} } }) satisfies Protocol<Roles, Event, 'color'>`,
  server: code => `({ ...lockServer(), roles: { client, server: { ...server, ${code} } } }) satisfies Locks`,
  client: code => `({ ...lockServer(), roles: { server, client: { ...client, ${code} } } }) satisfies Locks`,
  'server.on': code => `({ ...lockServer(), roles: { client, server: { ...server, on: { ...server.on, ${code} } } } }) satisfies Locks`,
  'client.on': code => `({ ...lockServer(), roles: { server, client: { ...client, on: { ...client.on, ${code} } } } }) satisfies Locks`,
  'client.actions': code => `({ ...lockServer(), roles: { server, client: { ...client, actions: { ...client.actions, ${code} } } } }) satisfies Locks`,
  broadcast: code => `({ ...broadcast(), ${code} }) satisfies Protocol<BroadcastRoles, DeliveryEvent>`,
  register: code => `({ ...registerServer(), ${code} }) satisfies Protocol<RegisterRoles, RegisterEvent>`,
  clocks: code => `({ ...lamportClocks(), ${code} }) satisfies Protocol<ClockRoles, CausalEvent<number>>`,
  'node.actions': code => `({ ...lamportClocks(), roles: { node: { ...node, actions: { ${code} } } } }) satisfies Protocol<ClockRoles, CausalEvent<number>>`,
}

const fixtures: { readonly [file: string]: readonly string[] } = {
  'broadcast.ts': ['bestEffort', 'broadcast', 'type Roles as BroadcastRoles', 'Sender'],
  'clocks.ts': ['lamportClocks', 'type Roles as ClockRoles'],
  'lock-server.ts': ['Client', 'type Event', 'lockServer', 'type Observers', 'type Roles', 'Server'],
  'register.ts': ['type Event as RegisterEvent', 'registerServer', 'type Roles as RegisterRoles'],
}

/** The examples as a module: protocols to check, mutants and claims to break, and code to run. */
export const renderExamples = (exports: readonly Export[]): string => {
  const examples = allItems(exports).flatMap(([title, { example }]) => (example === null ? [] : [{ title, ...example }]))
  const inPlace = (place: string): string =>
    examples
      .filter(one => one.place === place)
      .map(({ code }) => code)
      .join('\n')
  const entries = (some: typeof examples, wrap: (code: string, place: string) => string): string =>
    `{\n${some.map(({ title, place, code }) => `  '${title}': ${wrap(code, place)},`).join('\n')}\n}`
  const isProtocol = ({ place }: { place: string }): boolean => Object.hasOwn(places, place)
  const known = new Set([...Object.keys(places), 'file', 'code', 'mutants', 'claims'])
  for (const { title, place } of examples)
    if (!known.has(place)) throw new Error(`The example of ${title} stands in no place: ${place}. There are: ${[...known].join(', ')}.`)
  const body = [
    "type Locks = Protocol<Roles, Event, 'color', Observers>",
    'const { server, client } = lockServer().roles',
    'const { node } = lamportClocks().roles',
    inPlace('file'),
    `export const mutants = { ${inPlace('mutants')} } satisfies Mutants<typeof lockServer>`,
    `export const claims = { ${inPlace('claims')} } satisfies Claims<typeof lockServer>`,
    `export const protocols: { readonly [item: string]: () => Spec } = ${entries(examples.filter(isProtocol), (code, place) => `() => ${places[place]?.(`\n${code}\n`)}`)}`,
    `export const code: { readonly [item: string]: () => unknown } = ${entries(
      examples.filter(({ place }) => place === 'code'),
      text => `async () => {\n${text}\n}`,
    )}`,
  ].join('\n\n')
  const words = body.replace(/'[^']*'/g, '')
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(words)
  const offered = exports.filter(({ name }) => uses(name)).map(({ name, kind }) => (kind === 'type' ? `type ${name}` : name))
  const collections = ['List', 'Map', 'Set'].filter(uses)
  return [
    '// Written by npm run readme: the examples of docs/protocol.md, each in its place.',
    ...(collections.length > 0 ? [`import { ${collections.join(', ')} } from 'immutable'`] : []),
    `import { ${offered.join(', ')} } from '../../../checker/index.ts'`,
    ...Object.entries(fixtures).map(([file, names]) => `import { ${names.join(', ')} } from './${file}'`),
    '',
    body,
    '',
  ].join('\n')
}
