import type { Site } from './reached-code.ts'
import { isRole } from './reached-code.ts'
import { bare, hasKeys, nameOf, propertiesOf, type Syntax } from './syntax.ts'

/** Kinds of mutants, those that tell most first: what an author forgets comes before what is mistyped. */
export const kinds = {
  rule: 'a rule is left out',
  guard: 'a condition is left out',
  send: 'a message is not sent, or a call is left out',
  set: 'a field is not set',
  recover: 'a field is lost in a crash',
  tick: 'time passes a node by',
  due: 'nothing has to be done at once',
  majority: 'a quorum is one more, or less',
  boundary: '< is <=, or the other way round',
  number: 'a number is one more, or less',
  negate: 'a condition is negated',
  swap: 'two fields of a message are swapped',
  twice: 'a message is sent twice',
  network: 'the network is weaker',
  delay: 'a message may take a tick longer',
} as const

export type Kind = keyof typeof kinds

/** A change of a text. */
export interface Edit {
  readonly kind: Kind
  readonly start: number
  readonly end: number
  /** What stands there then. */
  readonly text: string
}

/** What is known of the protocol, and not seen in its text. */
export interface Known {
  /** By role: the fields of a node's state. */
  readonly fields: { readonly [role: string]: readonly string[] }
  readonly network: string
}

const textOf = ({ text }: Site, { start, end }: Syntax): string => text.slice(start, end)

const at = (kind: Kind, { start, end }: Syntax, text: string): Edit => ({ kind, start, end, text })

const argumentsOf = (call: Syntax): readonly Syntax[] => call['arguments'] as readonly Syntax[]

const isCall = (node: Syntax | undefined, name: RegExp): node is Syntax => node?.type === 'CallExpression' && name.test(nameOf(node['callee']) ?? '')

/** All changes of one part of a program. */
export const editsOf = (site: Site, known: Known): readonly Edit[] => {
  const { node } = site
  switch (node.type) {
    case 'CallExpression':
      return [...ruleEdits(site), ...quorumEdits(site), ...setEdits(site)]
    case 'NewExpression':
      return lostFields(site, argumentsOf(node)[0], undefined)
    case 'LogicalExpression':
      return operandEdits(site)
    case 'BinaryExpression':
      return comparisonEdits(site)
    case 'UnaryExpression':
      return node['operator'] === '!' && !isCondition(site) ? [at('negate', node, `(${textOf(site, node['argument'] as Syntax)})`)] : []
    case 'Literal':
      return numberEdits(site)
    case 'IfStatement':
    case 'ConditionalExpression':
      return conditionEdits(site, node['test'] as Syntax, isEarlyReturn(node))
    case 'ExpressionStatement':
      return statementEdits(site, known)
    case 'ObjectExpression':
      return swapEdits(site)
    case 'Property':
      return propertyEdits(site, known)
    default:
      return []
  }
}

const ruleEdits = ({ node }: Site): readonly Edit[] => (isCall(node, /^rule$/) && argumentsOf(node).length === 2 ? [at('rule', node, 'true')] : [])

const quorumEdits = (site: Site): readonly Edit[] =>
  isCall(site.node, /majority|quorum/i) ? ['-', '+'].map(sign => at('majority', site.node, `(${textOf(site, site.node)} ${sign} 1)`)) : []

/** `x.set(…)` is `x`. What is set inside of something else that is set goes with that. */
const setEdits = (site: Site): readonly Edit[] => {
  const { node, above } = site
  const callee = node['callee'] as Syntax
  if (callee.type !== 'MemberExpression' || !isCall(node, /^(set|merge|update)$/) || above[0]?.type === 'ExpressionStatement') return []
  const outer = above.find(({ type }) => type !== 'Property' && type !== 'ObjectExpression' && !type.startsWith('TS'))
  if (outer !== undefined && isCall(outer, /^(set|merge)$/) && outer['callee'] !== node && !isReceiver(outer, node)) return []
  const object = callee['object'] as Syntax
  const receiver = /^(Identifier|MemberExpression|CallExpression)$/.test(object.type) ? textOf(site, object) : `(${textOf(site, object)})`
  const [first] = argumentsOf(node)
  if (isCall(node, /^merge$/) && first !== undefined && bare(first).type === 'ObjectExpression') return lostFields(site, first, receiver)
  return [at('set', node, receiver)]
}

const isReceiver = (outer: Syntax, node: Syntax): boolean => (outer['callee'] as Syntax)['object'] === node

/** An object without one of its fields. @param otherwise what stands in place of a call of which nothing would be left */
const lostFields = (site: Site, given: Syntax | undefined, otherwise: string | undefined): readonly Edit[] => {
  const object = given && bare(given)
  if (object?.type !== 'ObjectExpression') return []
  const all = object['properties'] as readonly Syntax[]
  const kind = site.above.some(part => part.type === 'Property' && nameOf(part['key']) === 'recover') ? 'recover' : 'set'
  return propertiesOf(object).map(property => {
    const others = all.filter(other => other !== property).map(other => textOf(site, other))
    return others.length === 0 && otherwise !== undefined
      ? at(kind, site.node, otherwise)
      : at(kind, object, others.length === 0 ? '{}' : `{ ${others.join(', ')} }`)
  })
}

/** Conditions that `&&` or `||` join: each is left out. */
const operandEdits = ({ node }: Site): readonly Edit[] => {
  const neutral = node['operator'] === '&&' ? 'true' : node['operator'] === '||' ? 'false' : undefined
  if (neutral === undefined) return []
  return [node['left'] as Syntax, node['right'] as Syntax]
    .filter(operand => !(operand.type === 'LogicalExpression' && operand['operator'] === node['operator']))
    .map(operand => at(isCall(operand, /^rule$/) && neutral === 'true' ? 'rule' : 'guard', operand, neutral))
}

const neighbours: { readonly [operator: string]: string } = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' }
const opposites: { readonly [operator: string]: string } = { '===': '!==', '!==': '===', '==': '!=', '!=': '==' }

/** `acks.size`, `nodes.length`, `acks.count()`. */
const isCount = (node: Syntax): boolean =>
  node.type === 'CallExpression' ? nameOf(node['callee']) === 'count' : node.type === 'MemberExpression' && /^(size|length)$/.test(nameOf(node) ?? '')

const comparisonEdits = (site: Site): readonly Edit[] => {
  const { node } = site
  const [left, right] = [node['left'] as Syntax, node['right'] as Syntax]
  const operator = String(node['operator'])
  const between = { ...node, start: left.end, end: right.start }
  const replaced = (kind: Kind, by: string): Edit => at(kind, between, textOf(site, between).replace(operator, by))
  if (neighbours[operator] !== undefined) return [replaced('boundary', neighbours[operator])]
  const other = opposites[operator]
  if (other === undefined) return []
  const counts = [left, right].some(isCount)
  return [
    ...(counts ? ['-', '+'].map(sign => at('majority', right, `(${textOf(site, right)} ${sign} 1)`)) : []),
    ...(isCondition(site) ? [] : [replaced('negate', other)]),
  ]
}

/** Is it the whole condition of an `if`, a `?:`, or an action? */
const isCondition = ({ node, above: [parent, outer] }: Site): boolean =>
  ((parent?.type === 'IfStatement' || parent?.type === 'ConditionalExpression') && parent['test'] === node) ||
  (parent?.type === 'ArrowFunctionExpression' && parent['body'] === node && outer?.type === 'Property' && nameOf(outer['key']) === 'when')

/** A condition is left out, and is negated; where several are joined, each of them is left out by itself. */
const conditionEdits = (site: Site, test: Syntax, isEarlyReturn: boolean): readonly Edit[] => {
  const inner = bare(test)
  if (inner.type === 'LogicalExpression' || isCall(inner, /^rule$/)) return []
  return [at('guard', test, isEarlyReturn ? 'false' : 'true'), at('negate', test, `!(${textOf(site, test)})`)]
}

/** `if (…) return n`: without the condition, what comes after it is always done. */
const isEarlyReturn = ({ type, consequent, alternate }: Syntax): boolean => {
  if (type !== 'IfStatement' || alternate != null) return false
  const then = consequent as Syntax
  const [only] = then.type === 'BlockStatement' ? (then['body'] as readonly Syntax[]) : [then]
  return only?.type === 'ReturnStatement' || only?.type === 'ContinueStatement'
}

const numberEdits = ({ node, above: [parent] }: Site): readonly Edit[] => {
  const { value } = node
  // Of `x < 3` there is `x <= 3`, which is the same.
  if (typeof value !== 'number' || !Number.isInteger(value) || neighbours[String(parent?.['operator'])] !== undefined) return []
  return [...(value > 0 ? [value - 1] : []), value + 1].map(other => at('number', node, String(other)))
}

/** What is done and returns nothing: it is left out, or done twice. What observers are told is no behaviour. */
const statementEdits = (site: Site, { network }: Known): readonly Edit[] => {
  const { node } = site
  const call = node['expression'] as Syntax
  if (call.type !== 'CallExpression' || isCall(call, /^emit$/)) return []
  const text = textOf(site, call)
  // Over fair-loss a message arrives again as it is.
  const isTwice = isCall(call, /^(send|broadcast)$/) && network !== 'fair-loss'
  return [at('send', node, ';'), ...(isTwice ? [at('twice', node, `{ ${text}; ${text} }`)] : [])]
}

const swapEdits = (site: Site): readonly Edit[] => {
  const { node } = site
  if (!hasKeys(node, 'type')) return []
  const fields = propertiesOf(node).filter(property => nameOf(property['key']) !== 'type' && property['method'] !== true)
  return fields.slice(1).flatMap((second, i) => {
    const first = fields[i] as Syntax
    const [a, b] = [first, second].map(field => textOf(site, field['value'] as Syntax)) as [string, string]
    if (a === b) return []
    const [nameOfFirst, nameOfSecond] = [first, second].map(field => textOf(site, field['key'] as Syntax))
    return [{ kind: 'swap', start: first.start, end: second.end, text: `${nameOfFirst}: ${b}, ${nameOfSecond}: ${a}` }]
  })
}

const propertyEdits = (site: Site, known: Known): readonly Edit[] => {
  const { node, above } = site
  const value = node['value'] as Syntax
  const key = nameOf(node['key'])
  if (key === 'when' && /Function/.test(value.type)) return guardEdits(site, value['body'] as Syntax)
  if (key === 'network') return networkEdits(value)
  if (key === 'max' && above.some(part => part.type === 'Property' && nameOf(part['key']) === 'timing'))
    return [at('delay', node, `max: (${textOf(site, value)}) + 1`)]
  if ((key === 'tick' || key === 'due') && above[0] !== undefined && isRole(above[0]))
    return [at(key, node, key === 'tick' ? 'tick: state => state' : 'due: () => false')]
  return key === 'recover' && above[0] !== undefined && isRole(above[0]) ? recoverEdits(site, known) : []
}

const guardEdits = (site: Site, body: Syntax): readonly Edit[] =>
  body.type === 'BlockStatement' ? [at('guard', body, '{ return true }')] : conditionEdits(site, body, false)

/** One field more is lost in a crash: it is as at the beginning. */
const recoverEdits = (site: Site, { fields }: Known): readonly Edit[] => {
  const { node, above } = site
  const roles = Object.keys(fields)
  const role = above[1]?.type === 'Property' ? nameOf(above[1]['key']) : roles.length === 1 ? roles[0] : undefined
  const code = `${node['method'] === true ? 'function ' : ''}${textOf(site, node['value'] as Syntax)}`
  return (fields[role ?? ''] ?? []).map(field => at('recover', node, `recover: (...given) => (${code})(...given).delete('${field}')`))
}

const weaker: { readonly [network: string]: readonly string[] } = { fifo: ['reliable', 'fair-loss'], reliable: ['fair-loss'] }

const networkEdits = (value: Syntax): readonly Edit[] => {
  const literals = value.type === 'ConditionalExpression' ? [bare(value['consequent'] as Syntax), bare(value['alternate'] as Syntax)] : [bare(value)]
  return literals.flatMap(literal => (weaker[nameOf(literal) ?? ''] ?? []).map(other => at('network', literal, `'${other}'`)))
}
