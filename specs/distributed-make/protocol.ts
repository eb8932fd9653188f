/**
 * Distributed make: an editor and a compiler on two computers, the files on a third. What must be built again is decided by the times at which files were written.
 * T. Anderson and D. Woos, "Lamport Clocks", slide "Distributed Make": "If object O depends on source S and O.time < S.time, rebuild O. Depends on correctness of timestamp;
 * what can go wrong?" With the times of the slide "A distributed edit-compile workflow" ("2143 < 2144: make doesn't call compiler") O is old.
 */
import { Record } from 'immutable'
import { always, canAlways, each, type From, family, type Id, type Proofs, type Protocol, reachable, some, step, type World } from '../../checker/index.ts'

/** output.c: which version it is, when it was written, and of which version the object was that the editor saw before. */
export class Source extends Record({ version: 0, time: 0, saw: 0 }) {}

/** output.o: of which version it was made, and when. */
export class Compiled extends Record({ of: 0, time: 0 }) {}

export class Editor extends Record({ clock: 0, state: 'idle' as 'idle' | 'opens' | 'saves', edits: 0 }) {}
/** What make found and did last: `upToDate` if it built nothing. */
export class Make extends Record({
  clock: 0,
  state: 'idle' as 'idle' | 'looks' | 'builds',
  runs: 0,
  source: new Source(),
  object: new Compiled(),
  upToDate: false,
}) {}
export class Files extends Record({ clock: 0, source: new Source(), object: new Compiled() }) {}

/** Every message has the time at which it was sent. */
type Timed = { readonly clock: number }
type Request = Timed &
  ({ readonly type: 'Read' } | { readonly type: 'WriteSource'; readonly source: Source } | { readonly type: 'WriteObject'; readonly object: Compiled })
type Reply = Timed & ({ readonly type: 'Read'; readonly source: Source; readonly object: Compiled } | { readonly type: 'Written' })

type Roles = {
  editor: { state: Editor; inbox: From<'files', Reply> }
  make: { state: Make; inbox: From<'files', Reply> }
  files: { state: Files; inbox: From<'editor' | 'make', Request> }
}
type Rule = (name: string, holds: boolean) => boolean

/** Of Lamport's clock after a receipt. A wall clock goes on by itself, whatever others show. */
const after = (own: number, heard: number, rule: Rule): number => (rule('the clock goes beyond what it is told', heard > own) ? Math.max(own, heard) : own) + 1

const goesOn = (before: Timed, now: Timed): boolean => before.clock < now.clock

/** Bounds: so many edits, and runs of make. At first the clock of the compiler is `ahead` of the editor's, which is no harm to Lamport's clocks. */
export const distributedMake = family(
  { edits: 2, runs: 2, ahead: 4 },
  ({ edits, runs, ahead }) =>
    ({
      name: 'distributed-make',
      source: 'Anderson & Woos, Lamport Clocks, slide Distributed Make; slide A distributed edit-compile workflow',
      network: 'reliable',
      roles: {
        editor: {
          count: 1,
          init: () => new Editor(),
          actions: {
            open: {
              when: ({ state, edits: done }) => state === 'idle' && done < edits,
              do(e, { nodes, send }) {
                send(nodes.files, { type: 'Read', clock: e.clock + 1 })
                return e.merge({ state: 'opens', clock: e.clock + 1 })
              },
            },
          },
          on: {
            Read(e, { clock, source, object }, files, { rule, send }) {
              const time = after(e.clock, clock, rule)
              send(files, { type: 'WriteSource', clock: time, source: new Source({ version: source.version + 1, time, saw: object.of }) })
              return e.merge({ state: 'saves', clock: time, edits: e.edits + 1 })
            },
            Written: (e, { clock }, _, { rule }) => e.merge({ state: 'idle', clock: after(e.clock, clock, rule) }),
          },
        },
        make: {
          count: 1,
          init: () => new Make({ clock: ahead }),
          actions: {
            run: {
              when: ({ state, runs: done }) => state === 'idle' && done < runs,
              do(m, { nodes, send }) {
                send(nodes.files, { type: 'Read', clock: m.clock + 1 })
                return m.merge({ state: 'looks', clock: m.clock + 1, runs: m.runs + 1, upToDate: false })
              },
            },
          },
          on: {
            Read(m, { clock, source, object }, files, { rule, send }) {
              const time = after(m.clock, clock, rule)
              const saw = m.merge({ clock: time, source, object })
              // "If object O depends on source S and O.time < S.time, rebuild O."
              if (!rule('the source is newer', object.time < source.time)) return saw.merge({ state: 'idle', upToDate: true })
              send(files, { type: 'WriteObject', clock: time, object: new Compiled({ of: source.version, time }) })
              return saw.merge({ state: 'builds' })
            },
            Written: (m, { clock }, _, { rule }) => m.merge({ state: 'idle', clock: after(m.clock, clock, rule) }),
          },
        },
        // "Distributed file servers hold source and object files. Clients update files (with modification times)."
        files: {
          count: 1,
          init: () => new Files(),
          on: {
            Read(f, { clock }, from: Id<'editor' | 'make'>, { rule, send }) {
              const time = after(f.clock, clock, rule)
              send(from, { type: 'Read', clock: time, source: f.source, object: f.object })
              return f.set('clock', time)
            },
            WriteSource(f, { clock, source }, from: Id<'editor' | 'make'>, { rule, send }) {
              const time = after(f.clock, clock, rule)
              send(from, { type: 'Written', clock: time })
              return f.merge({ clock: time, source })
            },
            WriteObject(f, { clock, object }, from: Id<'editor' | 'make'>, { rule, send }) {
              const time = after(f.clock, clock, rule)
              send(from, { type: 'Written', clock: time })
              return f.merge({ clock: time, object })
            },
          },
        },
      },
      properties: {
        /** Where make builds nothing, the object is of that source; or the source was edited by somebody who had not seen this object yet, while it was built. */
        rebuilt: each(
          'make',
          (m: Make) => m,
          ({ upToDate, source, object }) => !upToDate || object.of === source.version || source.saw < object.of,
        ),

        /** Make builds no object of a source that it has been made of. */
        notInVain: each(
          'make',
          (m: Make) => m,
          ({ state, source, object }) => state !== 'builds' || object.of < source.version,
        ),

        /** Lamport's first rule: a clock goes on with each step. */
        clockOfEditor: step('editor', goesOn),
        clockOfMake: step('make', goesOn),
        clockOfFiles: step('files', goesOn),

        /** Who has asked waits for the answer. */
        oneAtATime: always(({ nodes, inFlight }: World<Roles>) =>
          [...nodes.editor, ...nodes.make].every(id => inFlight.filter(({ from, to }) => from === id || to === id).length <= 1),
        ),

        /** Everybody can come to rest. */
        rests: canAlways(always(({ all }: World<Roles>) => [...all('editor'), ...all('make')].every(({ state }) => state === 'idle'))),

        /** The workflow of the slide: edit, build, look at it, edit again, build again; both files are written before it is known. */
        again: reachable(
          always(
            ({ all }: World<Roles>) =>
              all('files').every(({ source, object }) => source.version === 2 && source.saw === 1 && object.of === 2) &&
              all('editor').every(({ state }) => state === 'saves') &&
              all('make').every(({ state }) => state === 'builds'),
          ),
        ),

        /** Make looks at an object that it has built, and has nothing to do. */
        upToDate: reachable(
          some(
            'make',
            (m: Make) => m,
            ({ upToDate, object }) => upToDate && object.of > 0,
          ),
        ),
      },
    }) satisfies Protocol<Roles>,
)

export const proofs = [{}, { ahead: 0 }] satisfies Proofs<typeof distributedMake>
