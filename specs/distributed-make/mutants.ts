import { type Mutants, withHandler, withRule } from '../../checker/index.ts'
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
