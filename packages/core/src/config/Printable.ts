/**
 * Text from elsewhere (files, names of directories, hosts, keys) as it may be shown: what would move a terminal's
 * cursor, change its colours or reverse the order of its letters is written as `\u001b`. JSON means the same by that,
 * so a line of JSON stays what it was.
 */

// pure core

/** Control characters (C0, DEL, C1), separators of lines, and marks that change the direction of text. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

/** Text as a part of one line. */
export const inline = (text: string): string => text.replaceAll(CONTROLS, escaped)

/** Text whose lines and tabs are meant. */
export const lines = (text: string): string =>
  text.replaceAll(CONTROLS, (character) =>
    character === "\n" || character === "\t" ? character : escaped(character)
  )
