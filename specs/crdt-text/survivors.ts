import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: 'const mayWrite = ({ app }: Site, { self }: { readonly self: Node }) => app.made.size < (self.rank === 0 ? updates : others)',
    to: 'const mayWrite = ({ app }: Site, { self }: { readonly self: Node }) => app.made.size < (true ? updates : others)',
    because: 'How often each writes is the bound of the model.',
  },
  {
    from: 'const mayWrite = ({ app }: Site, { self }: { readonly self: Node }) => app.made.size < (self.rank === 0 ? updates : others)',
    to: 'const mayWrite = ({ app }: Site, { self }: { readonly self: Node }) => app.made.size <= (self.rank === 0 ? updates : others)',
    because: 'How often each writes is the bound of the model.',
  },
] satisfies Survivors
