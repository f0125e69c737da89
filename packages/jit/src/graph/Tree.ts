/**
 * Trees: leaves held in arrays and records, nested as the program likes. Parameters, optimizer state, batches and
 * losses are trees. A leaf is anything that is not a plain array or a plain record (a tensor, an `NdArray`, ...);
 * its path is written `actor.layers.0.w`. Records are walked in the order of their keys as written.
 */

// models

export type Tree<L> = L | ReadonlyArray<Tree<L>> | { readonly [name: string]: Tree<L> }

/** The same tree with other leaves: `Mapped<{ w: Tensor }, Tensor, NdArray>` is `{ readonly w: NdArray }`. */
export type Mapped<T, From, To> = T extends From ? To : { readonly [K in keyof T]: Mapped<T[K], From, To> }

export interface Entry<L> {
  readonly path: string
  readonly leaf: L
}

// combinators

const join = (path: string, name: string | number): string => (path === "" ? String(name) : `${path}.${name}`)

/** Whether every branch of `u` ends in leaves. */
export const isTree = <L>(u: unknown, isLeaf: (u: unknown) => u is L): u is Tree<L> =>
  isLeaf(u) ||
  (typeof u === "object" && u !== null && Object.values(u).every((child) => isTree(child, isLeaf)))

/** The same value, once it is known to be a tree. Throws a `TypeError` otherwise. */
export const from = <L>(u: unknown, isLeaf: (u: unknown) => u is L): Tree<L> => {
  if (isTree(u, isLeaf)) return u
  throw new TypeError("a tree holds arrays, records and leaves, and nothing else")
}

/** Every leaf with its path, depth first. `isLeaf` decides where a branch ends. */
export const entries = <L>(
  tree: Tree<L>,
  isLeaf: (u: unknown) => u is L,
  path = ""
): ReadonlyArray<Entry<L>> => {
  if (isLeaf(tree)) return [{ path, leaf: tree }]
  if (Array.isArray(tree)) return tree.flatMap((child: Tree<L>, i) => entries(child, isLeaf, join(path, i)))
  if (typeof tree === "object" && tree !== null) {
    return Object.entries(tree).flatMap(([name, child]) => entries(child, isLeaf, join(path, name)))
  }
  throw new TypeError(`a tree holds arrays, records and leaves; at "${path}" it holds ${String(tree)}`)
}

/** Replaces every leaf by `f(leaf, path)`; the structure stays. */
export const replace = <L, M>(
  tree: Tree<L>,
  isLeaf: (u: unknown) => u is L,
  f: (leaf: L, path: string) => M,
  path = ""
): Tree<M> => {
  if (isLeaf(tree)) return f(tree, path)
  if (Array.isArray(tree)) return tree.map((child: Tree<L>, i) => replace(child, isLeaf, f, join(path, i)))
  if (typeof tree === "object" && tree !== null) {
    return Object.fromEntries(
      Object.entries(tree).map(([name, child]) => [name, replace(child, isLeaf, f, join(path, name))])
    )
  }
  throw new TypeError(`a tree holds arrays, records and leaves; at "${path}" it holds ${String(tree)}`)
}

/** `replace` for a value whose type is known: the result's type says which leaf is where. */
export function map<T, L, M>(
  tree: T,
  isLeaf: (u: unknown) => u is L,
  f: (leaf: L, path: string) => M
): Mapped<T, L, M>
export function map<L, M>(
  tree: unknown,
  isLeaf: (u: unknown) => u is L,
  f: (leaf: L, path: string) => M
): unknown {
  return replace(from(tree, isLeaf), isLeaf, f)
}
