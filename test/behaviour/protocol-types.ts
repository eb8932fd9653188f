/**
 * What the protocol type must refuse, as a compile error: this file is checked by `npm run typecheck`, where a line under
 * `@ts-expect-error` that does compile is an error itself.
 */
import { List, Record } from 'immutable'
import {
  always,
  canAlways,
  each,
  eachPair,
  type From,
  family,
  type Mutants,
  observed,
  type Protocol,
  reachable,
  some,
  withAction,
  withHandler,
} from '../../checker/index.ts'

class Server extends Record({ hits: 0 }) {}
class Client extends Record({ answers: List<number>() }) {}

type Roles = {
  server: { state: Server; inbox: { readonly type: 'Get' } | { readonly type: 'Put'; readonly value: number } }
  client: { state: Client; inbox: { readonly type: 'Answer'; readonly value: number } }
}

const right = family(
  { clients: 2 },
  ({ clients }) =>
    ({
      name: 'right',
      source: 'test',
      network: 'fair-loss',
      roles: {
        server: {
          count: 1,
          init: () => new Server(),
          on: {
            Get: (s, _, from, { send }) => {
              send(from, { type: 'Answer', value: s.hits })
              return s
            },
            // The message is narrowed by the handler's name.
            Put: (s, { value }) => s.set('hits', value),
          },
        },
        client: {
          count: clients,
          init: () => new Client(),
          actions: {
            ask: {
              do(c, { nodes, send }) {
                send(nodes.server, { type: 'Get' })
                return c
              },
            },
          },
          on: { Answer: (c, { value }) => c.update('answers', answers => answers.push(value)) },
        },
      },
      properties: {
        some: reachable(
          some(
            'client',
            c => c.answers.size,
            n => n > 0,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

const { server, client } = right().roles

export const missingHandler = {
  ...right(),
  // @ts-expect-error Put has no handler.
  roles: { client, server: { count: 1, init: () => new Server(), on: { Get: s => s } } },
} satisfies Protocol<Roles>

export const misspeltHandler = {
  ...right(),
  // @ts-expect-error Gte is no message of the server.
  roles: { client, server: { ...server, on: { ...server.on, Gte: (s: Server) => s } } },
} satisfies Protocol<Roles>

export const misspeltField = {
  ...right(),
  // @ts-expect-error the server has no field hist.
  roles: { client, server: { ...server, on: { ...server.on, Get: s => s.set('hist', 1) } } },
} satisfies Protocol<Roles>

export const wrongFieldType = {
  ...right(),
  // @ts-expect-error hits is a number.
  roles: { client, server: { ...server, on: { ...server.on, Get: s => s.merge({ hits: 'many' }) } } },
} satisfies Protocol<Roles>

export const noHandlerAtTheReceiver = {
  ...right(),
  roles: {
    server,
    client: {
      ...client,
      actions: {
        ask: {
          do(c, { nodes, send }) {
            // @ts-expect-error the server has no handler for Answer.
            send(nodes.server, { type: 'Answer', value: 1 })
            return c
          },
        },
      },
    },
  },
} satisfies Protocol<Roles>

export const wrongState = {
  ...right(),
  // @ts-expect-error a handler of the server returns a Server.
  roles: { client, server: { ...server, on: { ...server.on, Get: () => new Client() } } },
} satisfies Protocol<Roles>

export const wrongNetwork = {
  ...right(),
  // @ts-expect-error there is no such network.
  network: 'tcp',
} satisfies Protocol<Roles>

export const wrongRole = {
  ...right(),
  properties: {
    property: each(
      // @ts-expect-error there is no role proxy.
      'proxy',
      () => 0,
      () => true,
    ),
  },
} satisfies Protocol<Roles>

export const wrongView = {
  ...right(),
  properties: {
    property: eachPair(
      'client',
      // @ts-expect-error a client has no hits.
      c => c.hits,
      (a, b) => a === b,
    ),
  },
} satisfies Protocol<Roles>

export const views = {
  ...right(),
  properties: {
    status: each(
      'client',
      (c, { crashed }) => crashed || c.answers.isEmpty(),
      ok => ok,
    ),
    pair: eachPair(
      'client',
      (c, { crashed }) => (crashed ? null : c.answers.size),
      (a, b) => a === null || b === null || a === b,
    ),
    misspelt: each(
      'client',
      // @ts-expect-error a view is told whether a node has crashed, and no more.
      (_, { stopped }) => stopped,
      ok => ok === true,
    ),
  },
} satisfies Protocol<Roles>

export const misspeltBound = {
  ...right(),
  network: 'fifo',
  // @ts-expect-error a bound is of a channel, or in total.
  withinFlight: { chanel: 2 },
} satisfies Protocol<Roles>

export const mutants = {
  misnamed: {
    because: 'It breaks a property that there is not.',
    // @ts-expect-error there is no property sme.
    breaks: 'sme',
    length: 1,
    change: spec => spec,
  },
  misparametrised: {
    because: 'It is caught with a parameter that there is not.',
    breaks: 'some',
    // @ts-expect-error there is no parameter servers.
    parameters: { servers: 2 },
    length: 1,
    change: spec => spec,
  },
  unmeasured: { because: 'Nobody counted its steps.', breaks: 'some', change: spec => spec },
  misspelt: {
    because: 'Its handler reads a field that there is not.',
    breaks: 'some',
    length: 1,
    change: spec => ({
      ...spec,
      roles: {
        ...spec.roles,
        // @ts-expect-error the server has no field hist.
        server: { ...spec.roles.server, init: () => new Server().set('hist', 2) },
      },
    }),
  },
} satisfies Mutants<typeof right>

/** Who may send a message, and so whom a handler answers. */
type Answering = {
  server: { state: Server; inbox: From<'client', { readonly type: 'Get' }> | From<'client' | 'proxy', { readonly type: 'Ping' }> }
  client: { state: Client; inbox: From<'server', { readonly type: 'Answer'; readonly value: number } | { readonly type: 'Pong' }> }
  proxy: { state: Client; inbox: { readonly type: 'Pong' } | { readonly type: 'Never' } }
}

export const answering = {
  name: 'answering',
  source: 'test',
  network: 'reliable',
  roles: {
    server: {
      count: 1,
      init: () => new Server(),
      on: {
        Get(s, _, from, { send }) {
          send(from, { type: 'Answer', value: s.hits })
          // @ts-expect-error a client has no handler for Get.
          send(from, { type: 'Get' })
          // @ts-expect-error only the proxy has a handler for it, and the message is from a client.
          send(from, { type: 'Never' })
          return s
        },
        Ping(s, _, from, { send }) {
          send(from, { type: 'Pong' }) // whichever of the two it is from handles it
          // @ts-expect-error a proxy, which may have sent it, has no handler for Answer.
          send(from, { type: 'Answer', value: 1 })
          return s
        },
      },
    },
    client: {
      count: 1,
      init: () => new Client(),
      on: { Answer: (c, { value }) => c.update('answers', answers => answers.push(value)), Pong: c => c },
    },
    proxy: {
      count: 1,
      init: () => new Client(),
      actions: {
        ask: {
          do(c, { nodes, send }) {
            send(nodes.server, { type: 'Ping' })
            // @ts-expect-error only clients send Get.
            send(nodes.server, { type: 'Get' })
            // @ts-expect-error only the server sends Pong to a client.
            send(nodes.client, { type: 'Pong' })
            return c
          },
        },
      },
      on: { Pong: c => c, Never: c => c },
    },
  },
  properties: {},
} satisfies Protocol<Answering>

type Observers = { hits: number; last: string }

export const observing = {
  ...right(),
  observers: { hits: { init: 0, on: hits => hits + 1 }, last: { init: '', on: (_, event) => event.type } },
  properties: {
    few: observed('hits', hits => hits < 3),
    named: always(world => world.observer('last').length < 9 && world.observer('hits').toFixed() !== ''),
    sometimes: reachable(observed('last', last => last.startsWith('a'))),
    stays: canAlways(always(world => world.observer('hits') > 0)),
    // @ts-expect-error there is no observer hit.
    misspelt: observed('hit', () => true),
    // @ts-expect-error hits are a number.
    mistyped: observed('hits', hits => hits.length > 0),
    // @ts-expect-error hits are a number.
    mistypedWorld: always(world => world.observer('hits').length > 0),
    // @ts-expect-error there is no observer hit.
    misspeltWorld: always(world => world.observer('hit') === 0),
  },
  mayRest: world => world.observer('hits') === 0,
} satisfies Protocol<Roles, { readonly type: 'asked' }, never, Observers>

export const misspeltObserver = {
  ...right(),
  // @ts-expect-error there is to be an observer last.
  observers: { hits: { init: 0, on: (hits: number) => hits + 1 } },
} satisfies Protocol<Roles, { readonly type: 'asked' }, never, Observers>

/** Without their types, observers are asked as before. */
export const untyped = {
  ...right(),
  observers: { hits: { init: 0, on: (hits: number) => hits + 1 } },
  properties: { few: observed('hits', (hits: number) => hits < 3) },
} satisfies Protocol<Roles, { readonly type: 'asked' }>

export const changed = {
  handler: withHandler(right(), 'server', 'Put', put => (s, message) => put(s.set('hits', message.value), message)),
  whole: withHandler(right(), 'server', 'Get', () => (s, _, from, { send }) => {
    send(from, { type: 'Answer', value: s.hits + 1 })
    return s
  }),
  action: withAction(right(), 'client', 'ask', ({ do: ask }) => ({ when: c => c.answers.isEmpty(), do: (c, here) => ask(c, here) })),
  // @ts-expect-error the server has no handler for Answer.
  noHandler: withHandler(right(), 'server', 'Answer', handler => handler),
  // @ts-expect-error there is no role proxy.
  noRole: withHandler(right(), 'proxy', 'Get', handler => handler),
  // @ts-expect-error a client has no action tell.
  noAction: withAction(right(), 'client', 'tell', action => action),
  // @ts-expect-error a handler of the server returns a Server.
  wrongState: withHandler(right(), 'server', 'Get', () => () => new Client()),
  // @ts-expect-error the server has no field hist.
  misspeltField: withHandler(right(), 'server', 'Get', () => s => s.set('hist', 1)),
}

/** `init` and `recover` may choose, and do nothing else; `when` may not. */
export const choosing = {
  ...right(),
  roles: {
    ...right().roles,
    server: {
      ...right().roles.server,
      init: ({ choose, self }) => new Server({ hits: choose([0, 1, self.rank]) }),
      recover: (server, { choose }) => choose([server, new Server()]),
    },
    client: {
      ...right().roles.client,
      // @ts-expect-error nothing is sent before the first step.
      init: ({ send }) => (send === undefined ? new Client() : new Client()),
      // @ts-expect-error a recovery tells no observer.
      recover: (client, { emit }) => (emit === undefined ? client : client),
      actions: {
        ask: {
          // @ts-expect-error whether a step may be taken is no choice.
          when: (_, { choose }) => choose([true, false]),
          do: client => client,
        },
      },
    },
  },
} satisfies Protocol<Roles>
