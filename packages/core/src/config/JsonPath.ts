/** Places in JSON-like values: names and indices joined by dots, as in `algorithm.hidden.0`. */

// models

export type Path = ReadonlyArray<PropertyKey>

export type JsonRecord = { readonly [key: string]: unknown }

// pure core

export const isRecord = (u: unknown): u is JsonRecord =>
  typeof u === "object" && u !== null && !Array.isArray(u)

/** The leaves of records with their paths, `algorithm.tau` `0.005`: anything but a record is a leaf, as JSON. */
export const leaves = (
  value: unknown,
  path: Path = []
): ReadonlyArray<readonly [path: string, json: string]> =>
  isRecord(value)
    ? Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
    : [[join(path), JSON.stringify(value) ?? "nothing"]]

export const join = (path: Path): string => path.map(String).join(".")

/** The empty path leads to the whole. */
export const split = (path: string): ReadonlyArray<string> => (path === "" ? [] : path.split("."))

/** An item of an array or an own field of a record; `undefined` where there is none. */
export const child = (value: unknown, key: string): unknown => {
  if (Array.isArray(value)) return value[Number(key)]
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

/**
 * The value at a path; `undefined` where there is none.
 *
 * ```ts
 * JsonPath.at({ hidden: [64, 32] }, "hidden.1") // 32
 * ```
 */
export const at = (value: unknown, path: string): unknown => split(path).reduce(child, value)

/**
 * Where two values differ. Records and lists of one length are compared item by item: a number that became a record is
 * one difference, not one for each of its fields.
 *
 * ```ts
 * JsonPath.differing({ hidden: [64, 32], tau: 1 }, { hidden: [64, 16], tau: 1 }) // ["hidden.1"]
 * ```
 */
export const differing = (a: unknown, b: unknown, path: Path = []): ReadonlyArray<string> => {
  if (isRecord(a) && isRecord(b)) {
    return Object.keys({ ...a, ...b }).flatMap((key) =>
      differing(child(a, key), child(b, key), [...path, key])
    )
  }
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) {
    return a.flatMap((item, i) => differing(item, b[i], [...path, i]))
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [join(path)]
}

/** Is one the other, or inside it? */
export const overlap = (a: string, b: string): boolean =>
  a === b || a === "" || b === "" || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
