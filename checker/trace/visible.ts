import stringWidth from 'string-width'

/** What would show a text otherwise than it is: control characters, marks that change the direction of text or take no room, halves of pairs. */
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Letters of one text of a report: nobody reads more of a name, a value's text or a line of prose. */
const LETTERS_MAX = 2000

/** A text as far as somebody reads it, and how long it is. */
export const bounded = (text: string): string => {
  if (text.length <= LETTERS_MAX) return text
  // Not in the middle of a pair; and short enough that it is not cut again.
  const kept = text.slice(0, LETTERS_MAX - 40).replace(/[\ud800-\udbff]$/, '')
  return `${kept}… (${text.length.toLocaleString('en')} letters)`
}

/** A text that brings no line of its own, no colour, and nothing that a terminal obeys; each such character by its number. */
export const escaped = (text: string): string => text.replaceAll(invisible, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A name, or any text that an author or a file may have chosen, as it may stand in a line of a report: escaped, and bounded. */
export const visible = (name: string): string => escaped(bounded(name))

/** Prose, which may have been broken into lines. */
export const visibleProse = (text: string): string => visible(text.replaceAll(/\s*\n\s*/g, ' '))

/** Columns that a text takes on a terminal: two for 日, none for a combining accent. */
export const widthOf = (text: string): number => (isNarrow.test(text) ? text.length : stringWidth(text))

/** Of the widest of some texts: there may be more of them than a call takes arguments. */
export const widest = (texts: readonly string[]): number => texts.reduce((most, text) => Math.max(most, widthOf(text)), 0)

/** What nearly every text is made of, one column each. Any other takes a hundred times as long to measure, and the first one longer than a page takes to open. */
const isNarrow = /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u024f\u0391-\u03c9\u2010-\u2027\u2190-\u22ff✗✓]*$/

/** To the left of a column so many wide. */
export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))

/** To the right of it. */
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text))) + text

/** At most so many columns of a text; what is cut off is `…`. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (widthOf(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}
