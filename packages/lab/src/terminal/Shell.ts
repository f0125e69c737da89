/** Words of a command line that is shown to be copied. */

// pure core

const PLAIN = /^[\w./:@%+=,][\w./:@%+=,-]*$/

/** A word as a shell takes it, whatever is in it. */
export const quote = (word: string): string => {
  if (PLAIN.test(word)) return word
  // A name that begins with a dash is no option.
  const path = word.startsWith("-") ? `./${word}` : word
  if (PLAIN.test(path)) return path
  if (!/\p{Cc}/u.test(path)) return `'${path.replaceAll("'", String.raw`'\''`)}'`
  const escaped = path
    .replaceAll(/['\\]/g, String.raw`\$&`)
    .replaceAll(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`)
  return `$'${escaped}'`
}
