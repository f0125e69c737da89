/** Shared libraries of the machine, as the dynamic loader finds them: by its own rules and `LD_LIBRARY_PATH`. */
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import * as ElfFile from "./ElfFile.ts"

/** Why the loader refuses a library of this name (`libcuda.so.1`); `undefined` if it takes it. */
export const refusal = (name: string): string | undefined => {
  try {
    process.dlopen({ exports: {} }, name)
    return undefined
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    // A library that the loader took is then refused by Node, because it is no addon.
    return message.includes("did not self-register") ? undefined : message
  }
}

/** Whether a library of this name can be loaded. */
export const isLoadable = (name: string): boolean => refusal(name) === undefined

const STANDARD = [
  "/lib/x86_64-linux-gnu",
  "/usr/lib/x86_64-linux-gnu",
  "/lib/aarch64-linux-gnu",
  "/lib64",
  "/usr/lib64",
  "/lib",
  "/usr/lib"
]

/** The first of these paths at which there is something. */
export const firstOf = (paths: ReadonlyArray<string>): string | undefined =>
  paths.find((path) => existsSync(path))

/** The file of this name in the first of the folders that has one. */
export const inFolders = (folders: ReadonlyArray<string>, name: string): string | undefined =>
  firstOf(folders.map((folder) => join(folder, name)))

/** The files that this process has loaded. */
const loaded = (): ReadonlyArray<string> =>
  readFileSync("/proc/self/maps", "utf8")
    .split("\n")
    .flatMap((line) => (line.includes(" /") ? [line.slice(line.indexOf("/"))] : []))

/** The folders in which the loaded library of this name lets the loader look for what it opens. */
export const foldersOf = (name: string): ReadonlyArray<string> => {
  const file =
    process.platform === "linux" ? loaded().find((path) => basename(path).startsWith(name)) : undefined
  const runpath = file === undefined ? [] : (ElfFile.read(file)?.runpath ?? [])
  return runpath.map((folder) => resolve(folder.replace("$ORIGIN", dirname(file ?? ""))))
}

/**
 * The file behind a name, on Linux: of a library that is loaded, `libcudart.so.12` is `/.../libcudart.so.12.5.82`; of
 * another the first in `LD_LIBRARY_PATH` and the system's folders.
 */
export const fileOf = (name: string): string | undefined => {
  if (process.platform !== "linux") return undefined
  const held = loaded().find((path) => basename(path).startsWith(name))
  if (held !== undefined) return held
  const folders = (process.env["LD_LIBRARY_PATH"] ?? "").split(":").filter((folder) => folder !== "")
  const file = inFolders([...folders, ...STANDARD], name)
  return file === undefined ? undefined : realpathSync(file)
}
