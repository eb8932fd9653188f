/**
 * What the protocol type must refuse, as a compile error: this file is checked by `npm run typecheck`, where a line under
 * `@ts-expect-error` that does compile is an error itself.
 */
import { List, Record } from 'immutable'
import { each, eachPair, family, type Mutants, type Protocol, reachable, some } from '../checker/index.ts'

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
