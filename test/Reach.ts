/** What a module brings along when it is loaded: the files and the packages that it reaches by its imports. */
import { readFileSync } from "node:fs"

const packages = new URL("../packages/", import.meta.url)

interface Manifest {
  readonly exports: { readonly [name: string]: string | { readonly "@ornstein/source": string } }
}

/** The sources of a package's public modules by their names; `.` is its contents page. */
export const modulesOf = (name: string): ReadonlyMap<string, string> => {
  const root = new URL(`${name}/`, packages)
  const manifest: Manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8"))
  return new Map(
    Object.entries(manifest.exports).flatMap(([module, at]) =>
      typeof at === "string" || module.includes("*")
        ? []
        : [[module, new URL(at["@ornstein/source"], root).href]]
    )
  )
}

export const read = (file: string): string => readFileSync(new URL(file), "utf8")

/** What a file imports, types left out: they are gone in a bundle. What is loaded later counts where it is asked for. */
const importsOf = (source: string, withLazy: boolean): ReadonlyArray<string> =>
  Array.from(
    source.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^"]*?from\s*)?"([^"]+)"|\bimport\(\s*"([^"]+)"/gm),
    ([, at, lazy]) => at ?? (withLazy ? lazy : undefined) ?? ""
  ).filter((at) => at !== "")

/** A public module of a package of ours, as a file. */
const ours = (at: string): string | undefined => {
  const [, name, module] = /^@ornstein\/(\w+)(?:\/(.+))?$/.exec(at) ?? []
  if (name === undefined) return undefined
  return modulesOf(name).get(module === undefined ? "." : `./${module}`)
}

/** The files that are reached from one, through packages of ours too, and the other packages. */
export const reach = (start: string, { withLazy = true }: { readonly withLazy?: boolean } = {}) => {
  const files = new Set([start])
  const others = new Set<string>()
  for (const file of files) {
    for (const at of importsOf(read(file), withLazy)) {
      const own = at.startsWith(".") ? new URL(at, file).href : ours(at)
      if (own === undefined) others.add(at)
      else files.add(own)
    }
  }
  return { files, packages: others }
}
