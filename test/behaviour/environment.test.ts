import { Map, Record, Set } from 'immutable'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { always, each, explore, type GlobalStep, type Here, type Protocol, step } from '../../checker/index.ts'
import { holdGuard, runSpec, settled } from '../../checker/run/environment.ts'

class N extends Record({ x: 0, peers: Set<unknown>(), any: null as unknown, seen: Map<string, number>() }) {}
type Roles = { n: { state: N; inbox: { readonly type: 'M'; readonly any?: unknown } } }
type Event = { readonly type: 'e' }
type Context = Here<Roles, 'n', Event>

/** Every place where code of a spec runs; each takes what the code there does. */
const places: { readonly [place: string]: (code: (here: Context) => unknown) => Partial<Protocol<Roles, Event>> } = {
  'handler M': code => ({ roles: { n: role({ on: { M: (n, _, __, here) => ignoring(n, code(here)) } }) } }),
  'action go': code => ({ roles: { n: role({ actions: { go: { when: n => n.x < 1, do: (n, here) => ignoring(n.set('x', 1), code(here)) } } }) } }),
  'action go, when': code => ({ roles: { n: role({ actions: { go: { when: (_, here) => ignoring(false, code(here as Context)), do: n => n } } }) } }),
  init: code => ({ roles: { n: role({ init: here => ignoring(new N(), code(here as Context)) }) } }),
  within: code => ({ roles: { n: role({ within: () => ignoring(true, code(undefined as never)) }) } }),
  recover: code => ({
    roles: { n: role({ recover: (n, here) => ignoring(n, code(here as Context)) }) },
    faults: [{ type: 'crash-recovery', role: 'n', atMost: 1 }],
  }),
  'step s': code => ({ steps: { s: { when: () => ignoring(false, code(undefined as never)), do: () => {} } } }),
  'step s, do': code => ({ steps: { s: { do: world => ignoring(undefined, code(world as never)) } as GlobalStep<Roles, Event> } }),
  'observer o': code => ({ observers: { o: { init: 0, on: () => ignoring(0, code(undefined as never)) } } }),
  'property each': code => ({
    properties: {
      each: each(
        'n',
        n => n.x,
        () => ignoring(true, code(undefined as never)),
      ),
    },
  }),
  'property view': code => ({
    properties: {
      view: each(
        'n',
        n => ignoring(n.x, code(undefined as never)),
        () => true,
      ),
    },
  }),
  'property always': code => ({ properties: { always: always<Roles>(() => ignoring(true, code(undefined as never))) } }),
  'property step': code => ({ properties: { step: step('n', () => ignoring(true, code(undefined as never))) } }),
  mayRest: code => ({ mayRest: () => ignoring(true, code(undefined as never)) }),
}

/** Runs so many turns after the code that calls it has returned, as a function that is `async` may. */
const later = (run: () => unknown, turns = 1): void => {
  const waiting = async (): Promise<void> => {
    for (let i = 0; i < turns; i++) await null
    run()
  }
  void waiting()
}

const ignoring = <T>(value: T, _: unknown): T => value

const role = (more: Partial<Protocol<Roles, Event>['roles']['n']> = {}): Protocol<Roles, Event>['roles']['n'] => ({
  count: 2,
  init: () => new N(),
  on: { M: n => n },
  actions: {
    go: {
      when: n => n.x < 1,
      do(n, { broadcast, emit }) {
        broadcast({ type: 'M' })
        emit({ type: 'e' })
        return n.set('x', 1)
      },
    },
  },
  ...more,
})

const spec = (more: Partial<Protocol<Roles, Event>>): Protocol<Roles, Event> => ({
  name: 'guarded',
  source: 'test',
  network: 'reliable',
  roles: { n: role() },
  properties: {},
  ...more,
})

const errorOf = (protocol: Protocol<Roles, Event>) =>
  explore(protocol).then(
    () => null,
    error => error.parts ?? error,
  )

const impure: { readonly [what: string]: () => unknown } = {
  'Date.now()': () => Date.now(),
  'new Date()': () => new Date(),
  'Date()': () => Date(),
  'Math.random()': () => Math.random(),
  'performance.now()': () => performance.now(),
  'crypto.randomUUID()': () => crypto.randomUUID(),
  'crypto.getRandomValues()': () => crypto.getRandomValues(new Uint8Array(1)),
  'setTimeout()': () => setTimeout(() => {}),
  'setInterval()': () => setInterval(() => {}, 1000),
  'setImmediate()': () => setImmediate(() => {}),
  'queueMicrotask()': () => queueMicrotask(() => {}),
  'fetch()': () => fetch('http://localhost'),
  'Promise.resolve()': () => Promise.resolve(),
  'Promise.all()': () => Promise.all([]),
  'process.env': () => process.env['HOME'],
  'process.hrtime()': () => process.hrtime(),
  'process.hrtime.bigint()': () => process.hrtime.bigint(),
  'process.nextTick()': () => process.nextTick(() => {}),
  'process.memoryUsage()': () => process.memoryUsage(),
  'process.uptime()': () => process.uptime(),
  'process.cwd()': () => process.cwd(),
  'process.exit()': () => process.exit(0),
}

describe('while code of a spec runs, what would not always be the same is refused, with its place', () => {
  it.each(Object.keys(impure))('%s', async what => {
    for (const [place, at] of Object.entries(places)) {
      const parts = await errorOf(spec(at(impure[what] as () => unknown)))
      expect(parts, place).toMatchObject({ title: 'IMPURE', place: expect.stringContaining(`guarded, ${place.split(', ')[0]}`), what: `It uses ${what}.` })
    }
  })

  it('also if the spec catches it', async () => {
    const caught = (): unknown => {
      try {
        return Math.random()
      } catch {
        return 0
      }
    }
    expect(await errorOf(spec((places['handler M'] as NonNullable<(typeof places)[string]>)(caught)))).toMatchObject({ title: 'IMPURE' })
  })

  it('but not what depends on arguments only, nor what is printed', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => void Date.now())
    const at = places['handler M'] as NonNullable<(typeof places)[string]>
    expect(await errorOf(spec(at(() => [new Date(2026, 1, 1), Math.max(1, 2), console.log('a line')])))).toBeNull()
    expect(log).toHaveBeenCalledWith('a line')
    log.mockRestore()
  })
})

describe('what a handler does after it has returned is refused, with its name', () => {
  const late: { readonly [what: string]: (here: Context) => unknown } = {
    send: here => later(() => here.send(here.others, { type: 'M' })),
    emit: here => later(() => here.emit({ type: 'e' })),
    choose: here => later(() => here.choose([1])),
  }
  it.each(Object.keys(late))('%s', async what => {
    const code = late[what] as (here: Context) => unknown
    for (const place of ['handler M', 'action go'])
      expect(await errorOf(spec(places[place]?.(code) ?? {}))).toMatchObject({
        title: 'TOO LATE',
        place: expect.stringContaining(`guarded, ${place} at n`),
        what: `\`${what}\` is called after it has returned.`,
      })
  })

  it('in many turns', async () => {
    const code = (here: Context) => later(() => here.broadcast({ type: 'M' }), 50)
    expect(await errorOf(spec(places['action go']?.(code) ?? {}))).toMatchObject({ title: 'TOO LATE', place: expect.stringContaining('action go') })
  })

  it('in another handler', async () => {
    let kept: Context | undefined
    const on = places['handler M']?.(() => kept?.broadcast({ type: 'M', any: 1 })) as { roles: Protocol<Roles, Event>['roles'] }
    const { actions = {} } = role()
    const { do: run } = actions['go'] as NonNullable<(typeof actions)[string]>
    const keeping = (n: N, here: Context): N => {
      kept = here
      return run(n, here)
    }
    const roles = { n: { ...on.roles.n, actions: { go: { when: (n: N) => n.x < 1, do: keeping } } } }
    expect(await errorOf(spec({ roles }))).toMatchObject({ title: 'TOO LATE', place: expect.stringContaining('action go') })
  })

  it('in a global step', async () => {
    const steps: Protocol<Roles, Event>['steps'] = { s: { do: world => later(() => world.set(world.nodes.n[0] as never, new N({ x: 1 }))) } }
    expect(await errorOf(spec({ steps }))).toMatchObject({ title: 'TOO LATE', place: 'guarded, step s' })
  })

  it('and where no step is taken', async () => {
    for (const place of ['action go, when', 'init', 'recover'])
      expect(await errorOf(spec(places[place]?.(here => here.broadcast({ type: 'M' })) ?? {})), place).toMatchObject({
        title: 'ONLY A STEP MAY DO THIS',
        place: expect.stringContaining(place.split(', ')[0] as string),
      })
  })
})

it.each([
  ['handler M', { roles: { n: role({ on: { M: (async (n: N) => n) as never } }) } }],
  ['action go', { roles: { n: role({ actions: { go: { do: (async (n: N) => n) as never } } }) } }],
  ['action go', { roles: { n: role({ actions: { go: { when: (async () => true) as never, do: n => n } } }) } }],
  ['init', { roles: { n: role({ init: (async () => new N()) as never }) } }],
  ['within', { roles: { n: role({ within: (async () => true) as never }) } }],
  ['step s', { steps: { s: { do: async () => {} } } }],
  ['mayRest', { mayRest: (async () => true) as never }],
  ['property p', { properties: { p: always<Roles>((async () => true) as never) } }],
] satisfies [string, Partial<Protocol<Roles, Event>>][])('%s does not return a promise', async (place, more) => {
  expect(await errorOf(spec(more))).toMatchObject({ title: 'ASYNC', place: expect.stringContaining(`guarded, ${place}`) })
})

describe('the environment is as it was', () => {
  const found = () => [Date, Date.now, Math.random, performance.now, setTimeout, fetch, Promise.resolve, console, process.hrtime, process.nextTick]
  const described = () =>
    [process, performance, crypto].map(of => JSON.stringify(Object.getOwnPropertyDescriptors(of), (key, value) => (key === 'value' ? '' : value)))

  it('after a check, and after one that throws, and after several at once', async () => {
    await settled()
    const before = [found(), described()]
    await Promise.all([explore(spec({})), errorOf(spec(places['handler M']?.(impure['Date.now()'] as () => unknown) ?? {})), explore(spec({}), { reduce: [] })])
    await settled()
    expect([found(), described()]).toStrictEqual(before)
    expect(runSpec('alone', () => 1)).toBe(1)
    expect(() => runSpec('alone', () => Math.random())).toThrow('Math.random')
    await settled()
    expect([found(), described()]).toStrictEqual(before)
  })

  it('for everybody else, while a check goes on', async () => {
    const release = holdGuard()
    expect(Date.now()).toBeGreaterThan(0)
    expect(new Date()).toBeInstanceOf(Date)
    expect(Object.prototype.toString.call(new Date())).toBe('[object Date]')
    expect(await Promise.resolve(3)).toBe(3)
    expect(Math.random()).toBeLessThan(1)
    process.env['GUARDED'] = 'yes'
    expect(process.env['GUARDED']).toBe('yes')
    release()
    await settled()
    expect(process.env['GUARDED']).toBe('yes')
    delete process.env['GUARDED']
  })

  it('where one run is within another', () => {
    const outer = (): string => {
      expect(() => runSpec('inner', () => Date.now())).toThrow('inner')
      return 'went on'
    }
    expect(() => runSpec('outer', outer)).toThrow('inner')
    expect(runSpec('outer', () => 'fine')).toBe('fine')
  })
})

describe('with fake timers', () => {
  afterEach(() => void vi.useRealTimers())

  it('impurity is refused, and time stands still for everybody else', async () => {
    await settled()
    vi.useFakeTimers({ now: 5 })
    const [date, timeout] = [Date, setTimeout]
    expect(await errorOf(spec(places['handler M']?.(() => Date.now()) ?? {}))).toMatchObject({ what: 'It uses Date.now().' })
    expect(await errorOf(spec({}))).toBeNull()
    await settled()
    expect([Date, setTimeout]).toStrictEqual([date, timeout])
    expect(Date.now()).toBe(5)
  })

  it('that begin and end while a check goes on, it is as it was before', async () => {
    const release = holdGuard()
    vi.useFakeTimers({ now: 5 })
    expect(Date.now()).toBe(5)
    vi.useRealTimers()
    release()
    await settled()
    expect(Date.now()).toBeGreaterThan(1e12)
  })
})
