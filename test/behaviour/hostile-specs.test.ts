import { List, Map, Record } from 'immutable'
import { describe, expect, it } from 'vitest'
import {
  always,
  applicationOver,
  canAlways,
  crashStop,
  each,
  eachPair,
  eventually,
  explore,
  family,
  type Id,
  loss,
  type Protocol,
  partition,
  reachable,
} from '../../checker/index.ts'
import { checkClaims, checkMutants } from '../../checker/run/protocol-shape.ts'

// Specs as tsc would not let them pass, and as they come all the same: tsx does not ask tsc.

class Server extends Record({ queue: List<Id<'client'>>() }) {}
class Client extends Record({ state: 'idle' as 'idle' | 'waiting' | 'holding', note: null as unknown }) {}

type Roles = {
  server: { state: Server; inbox: { readonly type: 'Acquire' | 'Release' } }
  client: { state: Client; inbox: { readonly type: 'Grant' } }
}

const lock: Protocol<Roles> = {
  name: 'lock',
  source: 'the README',
  network: 'reliable',
  roles: {
    server: {
      count: 1,
      init: () => new Server(),
      on: {
        Acquire(server, _, from, { send }) {
          if (server.queue.isEmpty()) send(from, { type: 'Grant' })
          return server.update('queue', queue => queue.push(from))
        },
        Release(server, _, __, { send }) {
          const queue = server.queue.shift()
          send(queue.take(1), { type: 'Grant' })
          return server.set('queue', queue)
        },
      },
    },
    client: {
      count: 2,
      init: () => new Client(),
      actions: {
        acquire: {
          when: client => client.state === 'idle',
          do(client, { nodes, send }) {
            send(nodes.server, { type: 'Acquire' })
            return client.set('state', 'waiting')
          },
        },
        release: {
          when: client => client.state === 'holding',
          do(client, { nodes, send }) {
            send(nodes.server, { type: 'Release' })
            return client.set('state', 'idle')
          },
        },
      },
      on: { Grant: client => client.set('state', 'holding') },
    },
  },
  properties: {
    mutualExclusion: eachPair(
      'client',
      client => client.state === 'holding',
      (a, b) => !(a && b),
    ),
  },
}

/** The spec with what stands at a path (`roles.client.count`) replaced; `undefined` takes it away. */
const at = (path: string, value: unknown): Protocol<Roles> => replaced(lock, path.split('.'), value) as Protocol<Roles>

const replaced = (of: unknown, [key, ...rest]: readonly string[], value: unknown): unknown => {
  if (key === undefined) return value
  const { [key]: part, ...others } = of as { readonly [key: string]: unknown }
  const made = replaced(part ?? {}, rest, value)
  return made === undefined ? others : { ...others, [key]: made }
}

const errorOf = async (spec: unknown): Promise<unknown> => {
  try {
    await explore(spec as Protocol<Roles>, { states: 1_000 })
    return 'no error'
  } catch (error) {
    return (error as { readonly parts?: unknown }).parts ?? error
  }
}

const fn = (): boolean => true
const view = each<Roles, 'client', string>('client', client => client.state, fn)

it('is fine as it is', async () => {
  expect(await errorOf(lock)).toBe('no error')
  const more = {
    values: { v: 2 },
    faults: [loss({ atMost: 1 }), crashStop('client', { atMost: 0 })],
    mayRest: fn,
    observers: { o: { init: 0, on: (n: number) => n } },
  }
  expect(await errorOf({ ...lock, ...more, properties: { a: view, b: reachable(view), c: canAlways(view) } })).toBe('no error')
})

describe('a shape that means nothing is refused, with its place, and the nearest name', () => {
  const cases: readonly (readonly [path: string, value: unknown, what: string, hint?: string])[] = [
    ['properties.ok', fn, 'properties.ok is a function.', 'It should be a property'],
    ['properties.ok', 'x', 'properties.ok is "x".', 'It should be a property'],
    ['properties.ok', false, 'properties.ok is false.', 'It should be a property'],
    ['properties.ok', Promise.resolve(view), 'properties.ok.type is missing.'],
    ['properties.ok', reachable(fn as never), 'properties.ok.predicate is a function.', 'It should be what `each`'],
    ['properties.ok', canAlways(fn as never), 'properties.ok.predicate is a function.', 'It should be what `each`'],
    ['properties.ok', canAlways(reachable(view) as never), 'properties.ok.predicate.type is "reachable".'],
    ['properties.ok', [view], 'properties.ok is the plain array'],
    ['properties.ok', { ...view, type: 'eech' }, 'properties.ok.type is "eech".'],
    ['properties.ok', { ...view, ok: true }, 'properties.ok.ok is true.', 'It should be a function that returns true or false.'],
    ['properties.ok', { ...view, role: undefined }, 'properties.ok.role is missing.'],
    ['properties.ok', { ...view, veiw: fn }, 'properties.ok has the key "veiw"', 'Did you mean view?'],
    ['properties', Map({ ok: view }), 'properties is Map', 'It should be a plain object'],
    ['properties', undefined, 'properties is missing.'],
    ['property', { ok: view }, 'The protocol has the key "property"', 'Did you mean properties?'],
    ['mayrest', false, 'The protocol has the key "mayrest"', 'Did you mean mayRest?'],
    ['mayRest', 5, 'mayRest is 5.', 'It should be true, false or a function'],
    ['name', undefined, 'name is missing.'],
    ['source', 5, 'source is 5.'],
    ['network', 'lossy', 'network is "lossy".', 'It should be one of: fifo, reliable, fair-loss.'],
    ['roles', [], 'roles is the plain array []', 'It should be a plain object'],
    ['roles', {}, 'It has no roles.'],
    ['roles.client', fn, 'roles.client is a function.'],
    ['roles.client.count', 2.5, 'roles.client.count is 2.5.', 'It should be a whole number from 1 to 64.'],
    ['roles.client.count', '2', 'roles.client.count is "2".'],
    ['roles.client.names', ['a'], 'roles.client.names has 1 names, for 2 nodes.'],
    ['roles.client.names', ['a', 'a'], 'roles.client.names has "a" twice.'],
    ['roles.client.init', new Client(), 'roles.client.init is Client'],
    ['roles.client.on.Grant', 'granted', 'roles.client.on.Grant is "granted".'],
    ['roles.client.action', { go: { do: fn } }, 'roles.client has the key "action"', 'Did you mean actions?'],
    ['roles.client.actions.acquire.when', true, 'roles.client.actions.acquire.when is true.'],
    ['roles.client.actions.acquire.do', undefined, 'roles.client.actions.acquire.do is missing.'],
    ['roles.client.actions.acquire.then', fn, 'roles.client.actions.acquire has the key "then"'],
    ['roles.client.actions', [{ do: fn }], 'roles.client.actions is the plain array'],
    ['roles.client.wihtin', fn, 'roles.client has the key "wihtin"', 'Did you mean within?'],
    ['roles.client.within', 3, 'roles.client.within is 3.'],
    ['roles.client.recover', {}, 'roles.client.recover is the plain object'],
    ['faults', { loss: 1 }, 'faults is the plain object', 'It should be a list of faults.'],
    ['faults', ['loss'], 'faults[0] is "loss".', 'It should be a fault'],
    ['faults', [{ type: 'bit-flip', atMost: 1 }], 'faults[0].type is "bit-flip".'],
    ['faults', [loss({ atMost: -1 })], 'faults[0].atMost is -1.', 'It should be a whole number from 0, or Infinity.'],
    ['faults', [loss({ atMost: 0.5 })], 'faults[0].atMost is 0.5.'],
    ['faults', [crashStop('cleint')], 'The fault crash-stop names role "cleint"', 'Did you mean client?'],
    ['faults', [partition([])], 'The fault partition leaves all nodes in one group.'],
    ['faults', [partition([{ client: 3 }])], 'The groups of the fault partition have more nodes of role client than there are.', 'There are 2.'],
    ['faults', [partition([{ client: 0 }])], 'faults[0].groups[0].client is 0.', 'It should be a whole number from 1'],
    ['faults', [partition([{ cleint: 1 }])], 'The fault partition names role "cleint"', 'Did you mean client?'],
    ['faults', [{ ...partition([{ client: 1 }]), heals: 1 }], 'faults[0].heals is 1.', 'It should be true or false.'],
    ['observers', { o: fn }, 'observers.o is a function.', 'It should be an observer'],
    ['observers', { o: { init: 0, On: fn } }, 'observers.o.on is missing.'],
    ['steps', { s: fn }, 'steps.s is a function.'],
    ['steps', { s: { do: fn, if: fn } }, 'steps.s has the key "if"'],
    ['values', { v: -1 }, 'values.v is -1.'],
    ['values', ['v'], 'values is the plain array'],
    ['values', { client: 2 }, 'values.client has the name of a role.'],
    ['properties.ok', each('cleint' as never, fn, fn), 'A property names role "cleint"', 'Did you mean client?'],
    ['properties.ok', { type: 'observed', observer: 'o', ok: fn }, 'A property names observer "o"'],
  ]
  it.each(cases.map(([path, value, what, hint = '']) => ({ path, value, what, hint })))('$path: $what', async ({ path, value, what, hint }) => {
    expect(await errorOf(at(path, value))).toMatchObject({
      title: 'NOT A PROTOCOL',
      place: path === 'name' ? 'the spec' : 'lock',
      what: expect.stringContaining(what),
      hint: expect.stringContaining(hint),
    })
  })

  it('with a partition nothing may be asked that must come in the end, or be named like its observer', async () => {
    const parted = { ...lock, faults: [partition([{ client: 1 }])] }
    const fair = { ...parted, properties: { served: eventually(always(() => true)) } }
    expect(await errorOf(fair)).toMatchObject({ title: 'NOT A PROTOCOL', what: 'properties.served is a liveness property, and there is the fault partition.' })
    const named = { ...parted, observers: { partition: { init: 0, on: (n: number) => n } } }
    expect(await errorOf(named)).toMatchObject({ title: 'NOT A PROTOCOL', what: 'observers.partition has the name of what the fault partition tells.' })
    const many = { ...lock, roles: { ...lock.roles, client: { ...lock.roles.client, count: 20 } }, faults: [partition([{ client: 10 }])] }
    expect(await errorOf(many)).toMatchObject({ title: 'NOT A PROTOCOL', what: 'The fault partition can part the nodes in more than 1000 ways.' })
  })

  it.each([undefined, null, 5, 'lock', () => lock, [lock], new globalThis.Map(Object.entries(lock))])('a spec that is %s', async spec => {
    expect(await errorOf(spec)).toMatchObject({ title: 'NOT A PROTOCOL' })
  })

  const mutant = { because: 'So.', breaks: 'ok', length: 1, change: fn }
  it.each([
    [{ because: undefined } as object, 'mutants.m.because is missing.'],
    [{ length: '3' }, 'm.length is "3".'],
    [{ chnage: fn }, 'm has the key "chnage"'],
    [{ change: {} }, 'm.change is the plain object'],
    [{ slow: 1 }, 'm.slow is 1.'],
    [{ parameters: { n: {} } }, 'm.parameters.n is the plain object'],
  ])('a mutant with %j', (change, what) => {
    expect(() => checkMutants({ m: mutant }, 'a.ts')).not.toThrow()
    expect(() => checkMutants({ m: { ...mutant, ...change } }, 'a.ts')).toThrow(what.replace('mutants.', ''))
  })

  const claim = { because: 'So.', refutes: view, length: 1 }
  it.each([
    [{ refutes: fn } as object, 'c.refutes is a function.'],
    [{ refute: view }, 'c has the key "refute"'],
    [{ assuming: 1 }, 'c.assuming is 1.'],
  ])('a claim with %j', (change, what) => {
    expect(() => checkClaims({ c: claim }, 'a.ts')).not.toThrow()
    expect(() => checkClaims({ c: { ...claim, ...change } }, 'a.ts')).toThrow(what)
  })

  it('a family', () => {
    const made = family({ nodes: 3, fast: true }, parameters => ({ name: 'f', parameters }))
    expect(made({ nodes: 4 }).parameters).toEqual({ nodes: 4, fast: true })
    expect(made({ nodes: undefined } as never).parameters).toEqual({ nodes: 3, fast: true })
    expect(() => made({ node: 4 } as never)).toThrow('Did you mean nodes?')
    expect(() => made({ nodes: '4' } as never)).toThrow('It is given 4 for nodes, whose default is 3.')
    expect(() => made({ nodes: Number.NaN })).toThrow('It is given NaN for nodes')
    expect(() => family({ nodes: undefined } as never, () => ({ name: 'f' }))).toThrow('The default of the parameter nodes is of type undefined.')
    expect(() => family({ nodes: 3 }, {} as never)).toThrow('is no function')
  })

  it('a layer', () => {
    const layer = { init: new Client(), broadcast: fn, receive: fn }
    const over = (of: object, bounds: object = { nodes: 2, messages: 1 }) => applicationOver(of as never, bounds as never)
    expect(over(layer).count).toBe(2)
    expect(() => over({ ...layer, recieve: fn })).toThrow('Did you mean receive?')
    expect(() => over({ ...layer, receive: undefined })).toThrow('Its receive is no function.')
    expect(() => over({ ...layer, init: {} })).toThrow('Its init is no Immutable Record.')
    expect(() => over(layer, { nodes: 2, messages: -1 })).toThrow('messages is -1.')
  })
})

describe('what Immutable would pass over in silence is refused', () => {
  const acquire = (change: (client: Client) => unknown) => at('roles.client.actions.acquire.do', change)
  const no = (field: string) => ({ title: 'NO SUCH FIELD', what: `It names the field "${field}" of Client, which there is not.` })
  const undefinedField = { title: 'A FIELD IS UNDEFINED', what: 'It sets the field state of Client to undefined.' }
  const cases: { readonly [what: string]: readonly [(client: Client) => unknown, object] } = {
    'set of a field that there is not': [c => c.set('sate' as never, 'waiting' as never), { ...no('sate'), hint: 'Did you mean state?' }],
    merge: [c => c.merge({ stats: 'waiting' } as never), no('stats')],
    update: [c => c.update('sate' as never, () => 'waiting' as never), no('sate')],
    setIn: [c => c.setIn(['sate'], 'waiting'), no('sate')],
    remove: [c => c.remove('sate' as never), no('sate')],
    get: [c => c.set('state', c.get('sate' as never) as never), no('sate')],
    'undefined by set': [c => c.set('state', undefined as never), undefinedField],
    'undefined by merge': [c => c.merge({ state: undefined } as never), undefinedField],
    'undefined by update': [c => c.update('state', () => undefined as never), undefinedField],
    'the state of another role': [
      () => new Server(),
      { title: "ANOTHER ROLE'S STATE", what: expect.stringContaining('of role client, is Server { queue: List [] }') },
    ],
  }
  it.each(Object.keys(cases))('%s', async what => {
    const [change, error] = cases[what] as (typeof cases)[string]
    expect(await errorOf(acquire(change))).toMatchObject({ ...error, place: expect.stringContaining('lock, action acquire at c') })
  })

  it('another role’s state in a global step, in recover', async () => {
    const steps = { s: { do: (w: { set: (id: unknown, state: unknown) => void; nodes: { client: unknown[] } }) => w.set(w.nodes.client[0], new Server()) } }
    expect(await errorOf({ ...lock, steps })).toMatchObject({ title: "ANOTHER ROLE'S STATE", place: 'lock, step s' })
    const recovering = { ...at('roles.client.recover', () => new Server()), faults: [{ type: 'crash-recovery', role: 'client', atMost: 1 }] }
    expect(await errorOf(recovering)).toMatchObject({ title: "ANOTHER ROLE'S STATE", place: expect.stringContaining('lock, recover at c') })
  })

  it('but not what says what it means', async () => {
    class Waiting extends Record({ since: 1 }) {}
    const fine: ((client: Client) => unknown)[] = [
      c => c.remove('state').set('state', 'waiting'),
      c => c.set('state', c.get('sate' as never, 'waiting' as never)),
      c => c.set('note', undefined).set('state', 'waiting'),
      () => new Waiting(),
    ]
    for (const change of fine.slice(0, 2)) expect(await errorOf(acquire(change))).toBe('no error')
    expect(await errorOf(acquire(fine[2] as never))).toMatchObject({ title: 'A FIELD IS UNDEFINED', what: expect.stringContaining('note') })
    const spec = at('roles.client.actions', { wait: { when: (c: object) => c instanceof Client, do: () => new Waiting() } })
    expect(await errorOf({ ...spec, properties: {} })).toBe('no error')
  })

  it('nesting has a limit', async () => {
    const nested = (depth: number, wrap: (of: unknown) => unknown): unknown => {
      let value: unknown = 0
      for (let i = 0; i < depth; i++) value = wrap(value)
      return value
    }
    for (const wrap of [(of: unknown) => List([of]), (of: unknown) => Map([['k', of]]), (of: unknown) => new Client({ note: of })]) {
      expect(await errorOf(acquire(c => c.merge({ state: 'waiting', note: nested(150, wrap) })))).toBe('no error')
      for (const depth of [300, 1_000, 100_000])
        expect(await errorOf(acquire(c => c.merge({ state: 'waiting', note: nested(depth, wrap) })))).toMatchObject({
          title: 'NOT A VALUE',
          what: expect.stringContaining('is nested more than 200 deep'),
        })
    }
  })
})
