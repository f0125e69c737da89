/** A folder for as long as a function runs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Calls `use` with a new folder that holds one file, both for this user only; afterwards the folder is gone. */
export const withFile = <A>(name: string, bytes: Uint8Array, use: (folder: string) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "ornstein-"))
  try {
    writeFileSync(join(folder, name), bytes, { mode: 0o600 })
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
