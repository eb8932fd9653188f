import type { Survivors } from '../../checker/index.ts'

export const survivors = [
  {
    from: "!here.rule(\n'the link deduplicates',\nn.log.every(entry => !is(entry.msg, msg)),\n)",
    to: '!true',
    because: 'It takes requests that are passed on (`forwards`), which is slow: the mutant appendsRetries breaks deliversOnce by it.',
  },
] satisfies Survivors
