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
export const map = <L, M, T extends Tree<L>>(
  tree: T,
  isLeaf: (u: unknown) => u is L,
  f: (leaf: L, path: string) => M,
  path = ""
): Mapped<T, L, M> => {
  const walk = (node: Tree<L>, at: string): unknown => {
    if (isLeaf(node)) return f(node, at)
    if (Array.isArray(node)) return node.map((child: Tree<L>, i) => walk(child, join(at, i)))
    if (typeof node === "object" && node !== null) {
      return Object.fromEntries(Object.entries(node).map(([name, child]) => [name, walk(child, join(at, name))]))
    }
    throw new TypeError(`a tree holds arrays, records and leaves; at "${at}" it holds ${String(node)}`)
  }
  return walk(tree, path) as Mapped<T, L, M>
}
