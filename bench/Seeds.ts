/** Seeds as a person writes them. */

/** `0-29,7101`: each number once, in rising order. Throws a `RangeError` for anything else. */
export const parse = (text: string): ReadonlyArray<number> => {
  const seeds = text.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-").map(Number)
    if (first === undefined || last === undefined || !Number.isInteger(first) || !Number.isInteger(last)) {
      throw new RangeError(`--seeds ${text}: expected numbers and ranges, as in 0-29,7101`)
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
  return [...new Set(seeds)].sort((a, b) => a - b)
}
