import { expect, test } from 'vitest'
import { harmless } from '../../checker/cli/harmless.ts'

/** What a name, a reason or a value may hold, and how it reaches a terminal. */
const table: readonly (readonly [text: string, shown: string])[] = [
  ['plain: text → 日本語テスト', 'plain: text → 日本語テスト'],
  ['two\nlines', 'two\nlines'],
  ['\u001b[2J\u001b[H', '\\u001b[2J\\u001b[H'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u001b[32mgreen\u001b[39m', '\u001b[32mgreen\u001b[39m'],
  ['\u009b2J', '\\u009b2J'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['back\b\b', 'back\\u0008\\u0008'],
  ['abc\u202edef', 'abc\\u202edef'],
  ['a\u200bb\ufeff', 'a\\u200bb\\ufeff'],
  ['lone \ud800', 'lone \\ud800'],
  ['pair \ud83d\ude00', 'pair \ud83d\ude00'],
  ['\u0000\u007f', '\\u0000\\u007f'],
]
test.each(table)('%j', (text, shown) => {
  expect(harmless(text)).toBe(shown)
})

test('JSON stays the same JSON', () => {
  const value = { a: 'x\u009b\u202e\u2028 \ud800', 'b\u200b': table.map(([text]) => text) }
  const text = harmless(JSON.stringify(value))
  expect(JSON.parse(text)).toEqual(value)
})
