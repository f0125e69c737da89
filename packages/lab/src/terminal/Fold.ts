/**
 * Text for terminals of any width: folded at words, clipped with a mark. Widths are counted in cells: letters of East Asian
 * scripts and emoji take two.
 */

// pure core

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** Unicode's wide and full-width blocks, and pictures. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u

/** Printable ASCII: most text, a cell each. */
const PLAIN = /^[\u0020-\u007e]*$/

/** The cells that a text takes. */
export const cells = (text: string): number => {
  if (PLAIN.test(text)) return text.length
  let sum = 0
  for (const { segment } of graphemes.segment(text)) sum += WIDE.test(segment) ? 2 : 1
  return sum
}

/** The text, or as much of it as fits with an ellipsis behind. */
export const clip = (text: string, width: number): string => {
  if (cells(text) <= width) return text
  let [kept, used] = ["", 0]
  for (const { segment } of graphemes.segment(text)) {
    used += WIDE.test(segment) ? 2 : 1
    if (used > width - 1) break
    kept += segment
  }
  return width < 1 ? "" : `${kept}…`
}

/** Parts that are kept together: words; and commands, which must be copied whole. */
const partsOf = (column: string): ReadonlyArray<string> =>
  /^(?:npx|ornstein|node|git) /.test(column) ? [column] : column.split(" ")

/**
 * One line as several of at most `width` cells, where it can be: broken between columns (two spaces or more) and between
 * words, what follows being indented. A word that is longer, such as a path, stays whole, as does a command.
 */
export const fold = (line: string, width: number): ReadonlyArray<string> => {
  if (cells(line) <= width) return [line]
  const margin = /^ */.exec(line)?.[0] ?? ""
  const inner = `${margin}  `
  const out: Array<string> = []
  let [current, isFresh] = [margin, true]
  const put = (gap: string, part: string): void => {
    if (isFresh || cells(current) + gap.length + cells(part) <= width) {
      current += isFresh ? part : gap + part
      isFresh = false
      return
    }
    out.push(current)
    current = inner + part
  }
  for (const match of line.slice(margin.length).matchAll(/( *)((?:[^ ]| (?! ))+)/g)) {
    const [, gap = "", column = ""] = match
    // A column that fits whole on a line of its own is not broken for the sake of the rest of this one.
    const isKept = gap.length > 1 && cells(inner) + cells(column) <= width
    for (const [i, part] of (isKept ? [column] : partsOf(column)).entries()) put(i === 0 ? gap : " ", part)
  }
  out.push(current)
  return out
}

/** A text of lines, each folded. Lines of JSON are data and stay whole. */
export const lines = (text: string, width: number): string =>
  /^[[{]/.test(text)
    ? text
    : text
        .split("\n")
        .flatMap((line) => fold(line, width))
        .join("\n")
