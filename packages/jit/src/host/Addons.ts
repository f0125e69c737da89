/**
 * Addons of Node's that are written at run time: a file that only this user can read, in a new folder of his, loaded and
 * removed at once. Nothing of Node is imported: a bundle for a browser finds no trace of it.
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
  readonly mkdtempSync: (prefix: string) => string
  readonly writeFileSync: (path: string, bytes: Uint8Array, options: { readonly mode: number }) => void
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
  const { mkdtempSync, rmSync, writeFileSync } = getBuiltinModule("node:fs")
  const { join } = getBuiltinModule("node:path")
  const folder = mkdtempSync(join(getBuiltinModule("node:os").tmpdir(), "ornstein-"))
  try {
    const file = join(folder, "ornstein.node")
    writeFileSync(file, bytes, { mode: 0o600 })
    const module: { readonly exports: unknown } = { exports: {} }
    dlopen(module, file)
    return module.exports
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The same as a script for `Threads`, which imports nothing: it defines `load`. */
export const SCRIPT = `const load = (bytes) => {
  const { dlopen, getBuiltinModule } = globalThis.process
  const { mkdtempSync, rmSync, writeFileSync } = getBuiltinModule("node:fs")
  const { join } = getBuiltinModule("node:path")
  const folder = mkdtempSync(join(getBuiltinModule("node:os").tmpdir(), "ornstein-"))
  try {
    const file = join(folder, "ornstein.node")
    writeFileSync(file, bytes, { mode: 0o600 })
    const module = { exports: {} }
    dlopen(module, file)
    return module.exports
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}`
