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

/** The words of a name: `updates`, `per`, `round` of `updatesPerRound`. */
const wordsOf = (name: string): ReadonlyArray<string> =>
  Array.from(name.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g), ([word]) => word.toLowerCase())

/** How many words of a name stand in the other one, too, but for one letter. */
const shared = (name: string, other: string): number => {
  const words = wordsOf(other)
  return wordsOf(name).filter((word) => words.some((each) => distance(word, each) <= 1)).length
}

/**
 * The nearest of the known names; `undefined` where none is near: more than a third of the letters would change, and
 * neither name begins with the other, nor have they two words in common.
 *
 * ```ts
 * Suggestion.nearest("bacthSize", ["batchSize", "seed"]) // "batchSize"
 * ```
 */
export const nearest = (name: string, known: Iterable<string>): string | undefined => {
  const given = name.toLowerCase()
  const names = Array.from(known)
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of names) {
    const lower = candidate.toLowerCase()
    const edits = distance(given, lower)
    const isNear = edits <= Math.max(1, Math.floor(Math.max(given.length, lower.length) / 3))
    const isBeginning = given.length >= 3 && (lower.startsWith(given) || given.startsWith(lower))
    if ((isNear || isBeginning) && edits < least) {
      best = candidate
      least = edits
    }
  }
  if (best !== undefined) return best
  let most = 1
  for (const candidate of names) {
    const count = shared(name, candidate)
    if (count <= most) continue
    best = candidate
    most = count
  }
  return best
}
