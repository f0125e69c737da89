/**
 * Addons of Node's that are written at run time: a file that only this user can read, in a new folder of his, loaded and
 * removed at once. It is loaded by its descriptor, not by its name: whoever can write to a folder above it could put
 * another file there between. Nothing of Node is imported: a bundle for a browser finds no trace of it.
 */

// models

/** What is used of Node's `process`, `fs`, `os` and `path`. */
interface Process {
  readonly platform: string
  readonly arch: string
  readonly dlopen: (module: { readonly exports: unknown }, path: string) => void
  readonly getBuiltinModule: {
    (name: "node:fs"): Files
    (name: "node:os"): { readonly tmpdir: () => string }
    (name: "node:path"): { readonly join: (...parts: ReadonlyArray<string>) => string }
  }
}
interface Files {
  readonly closeSync: (descriptor: number) => void
  readonly mkdtempSync: (prefix: string) => string
  /** With the flags "wx" the file must be new; a link is refused. */
  readonly openSync: (path: string, flags: "wx", mode: number) => number
  readonly writeFileSync: (descriptor: number, bytes: Uint8Array) => void
  readonly rmSync: (path: string, options: { readonly recursive: boolean; readonly force: boolean }) => void
}

const host: { readonly process?: Partial<Process> } = globalThis

// constructors

/** What runs here: `{ system: "linux", processor: "x64" }`; `undefined` in a browser. */
export const platform = (): { readonly system: string; readonly processor: string } | undefined => {
  const { platform: system, arch: processor } = host.process ?? {}
  return system === undefined || processor === undefined ? undefined : { system, processor }
}

/** What the addon exports to this thread. Throws Node's error where it cannot be written or loaded. */
export const load = (bytes: Uint8Array): unknown => {
  const { dlopen, getBuiltinModule } = host.process ?? {}
  if (dlopen === undefined || getBuiltinModule === undefined) throw new RangeError("there is no Node here")
  const { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } = getBuiltinModule("node:fs")
  const { join } = getBuiltinModule("node:path")
  const folder = mkdtempSync(join(getBuiltinModule("node:os").tmpdir(), "ornstein-"))
  try {
    const file = openSync(join(folder, "ornstein.node"), "wx", 0o600)
    try {
      writeFileSync(file, bytes)
      const module: { readonly exports: unknown } = { exports: {} }
      dlopen(module, `/proc/self/fd/${file}`)
      return module.exports
    } finally {
      closeSync(file)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The same as a script for `Threads`, which imports nothing: it defines `load`. */
export const SCRIPT = `const load = (bytes) => {
  const { dlopen, getBuiltinModule } = globalThis.process
  const { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } = getBuiltinModule("node:fs")
  const { join } = getBuiltinModule("node:path")
  const folder = mkdtempSync(join(getBuiltinModule("node:os").tmpdir(), "ornstein-"))
  try {
    const file = openSync(join(folder, "ornstein.node"), "wx", 0o600)
    try {
      writeFileSync(file, bytes)
      const module = { exports: {} }
      dlopen(module, "/proc/self/fd/" + file)
      return module.exports
    } finally {
      closeSync(file)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}`
