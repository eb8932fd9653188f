/**
 * What a terminal would obey, or what would show text otherwise than it is: control characters but the end of a line, marks that change the direction of text or take no room, halves of pairs.
 * Colours are let through on stdout: the command line makes them itself, and names bring none (trace/visible.ts).
 */
const harmful =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(\u001b\[\d{1,2}m)|[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Any text of a protocol, a trace, a lock or an error, as it may be written to a terminal. In JSON such characters are escaped in the same way, so it stays the same JSON. */
export const harmless = (text: string): string => text.replaceAll(harmful, (character, colour?: string) => colour ?? escaped(character))

/** The same, of an error: nothing in it is a colour of the command line's own. */
export const colourless = (text: string): string => harmless(text).replaceAll('\u001b', escaped('\u001b'))
