/** "Did you mean": the known name that a mistyped one most likely stands for. */

// pure core

/**
 * The edit distance of Damerau and Levenshtein (optimal string alignment): insertions, deletions, substitutions and
 * swaps of neighbours that turn `a` into `b`.
 */
export const distance = (a: string, b: string): number => {
  let before: ReadonlyArray<number> = []
  let last: ReadonlyArray<number> = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwap ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(last[j]! + 1, row[j - 1]! + 1, substituted, swapped))
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/**
 * The nearest of the known names; `undefined` where none is near: more than a third of the letters would change, and
 * neither name begins with the other.
 *
 * ```ts
 * Suggestion.nearest("bacthSize", ["batchSize", "seed"]) // "batchSize"
 * ```
 */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  const given = name.toLowerCase()
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of known) {
    const lower = candidate.toLowerCase()
    const edits = distance(given, lower)
    const isNear = edits <= Math.max(1, Math.floor(Math.max(given.length, lower.length) / 3))
    const isBeginning = given.length >= 3 && (lower.startsWith(given) || given.startsWith(lower))
    if ((isNear || isBeginning) && edits < least) {
      best = candidate
      least = edits
    }
  }
  return best
}
