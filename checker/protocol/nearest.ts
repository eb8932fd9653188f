import { closest, distance } from 'fastest-levenshtein'

/** `Did you mean raft?`, if one of `names` is near enough to `typed`; otherwise all of them (or of `listed`), if there are any. */
export const suggest = (typed: string, names: readonly string[], none = 'There are none.', listed = names): string => {
  if (names.length === 0) return none
  const nearest = closest(typed.toLowerCase(), names)
  const near = distance(typed.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, Math.floor(nearest.length * 0.4))
  return near ? `Did you mean ${nearest}?` : `There is: ${listed.join(', ')}.`
}
