import { type Mutants, withAction, withHandler, withRule } from '../../checker/index.ts'
import { type distributedMake, Editor } from './protocol.ts'

export const mutants = {
  wallClocks: {
    because:
      'Each computer has its own time: the source is edited after the object was built, and has the earlier time. "2143 < 2144: make doesn\'t call compiler."',
    breaks: 'rebuilt',
    length: 17,
    change: spec => withRule(spec, 'the clock goes beyond what it is told', false),
  },
  compilerBehind: {
    because: 'The same with a compiler whose clock is behind: an object looks older than what it was made of, and is made again.',
    breaks: 'notInVain',
    parameters: { ahead: 0 },
    length: 12,
    change: spec => {
      const wall = withRule(spec, 'the clock goes beyond what it is told', false)
      return { ...wall, roles: { ...wall.roles, editor: { ...wall.roles.editor, init: () => new Editor({ clock: 4 }) } } }
    },
  },
  editorStands: {
    because: "The editor passes over the time at which its file was written: its clock does not go on by the receipt, so that the event has another's time.",
    breaks: 'clockOfEditor',
    length: 5,
    change: spec => withHandler(spec, 'editor', 'Written', () => editor => editor.set('state', 'idle')),
  },
  makeStands: {
    because: 'Make passes over the time at which its file was written: its clock does not go on by the receipt.',
    breaks: 'clockOfMake',
    length: 9,
    change: spec => withHandler(spec, 'make', 'Written', () => make => make.set('state', 'idle')),
  },
  filesStand: {
    because: 'The file server says what time it is, and does not keep it: two events of it have the same time.',
    breaks: 'clockOfFiles',
    length: 2,
    change: spec => withHandler(spec, 'files', 'Read', Read => (files, message, from, here) => Read(files, message, from, here).set('clock', files.clock)),
  },
  impatient: {
    because: 'Make begins again before it was answered, and takes the first answer for the second.',
    breaks: 'oneAtATime',
    length: 2,
    change: spec => withAction(spec, 'make', 'run', ({ do: run }) => ({ when: ({ runs }) => runs < 2, do: run })),
  },
  silent: {
    because: 'The file server does not say that the source was written, so the editor, once it has opened the file, waits for ever.',
    breaks: 'rests',
    length: 1,
    change: spec =>
      withHandler(
        spec,
        'files',
        'WriteSource',
        () =>
          (f, { source }) =>
            f.set('source', source),
      ),
  },
} satisfies Mutants<typeof distributedMake>
