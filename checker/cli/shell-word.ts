import { escaped } from '../trace/visible.ts'

/** As a shell takes it for one word; what a terminal would obey, or not show, as it may be typed in bash. */
export const shellWord = (word: string): string => {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  if (escaped(word) !== word) return `$'${escaped(word.replaceAll(/[\\']/g, '\\$&'))}'`
  return `'${word.replaceAll("'", `'\\''`)}'`
}
