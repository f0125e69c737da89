/** Pythons that tests find, and what they leave behind. */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

const folder = join(import.meta.dirname, "python")

const runs = (python: string | undefined, code: string): string | undefined =>
  python !== undefined && spawnSync(python, ["-c", code]).status === 0 ? python : undefined

/** Any Python 3 that can watch processes: its standard library is enough for the stand-in. */
export const plain = process.platform === "linux" ? runs("python3", "import os; os.pidfd_open") : undefined

/** One with the pinned packages: `.ci/run` makes it, and names it in this variable. */
export const real = runs(process.env["ORNSTEIN_PYTHON"], "import gymnasium, mujoco")

/** One with dm_control, too. */
export const control = runs(real, "import dm_control, shimmy")

const paths = (...names: ReadonlyArray<string>): string => names.map((name) => join(folder, name)).join(":")

/** Where `awkward.py` and the stand-in for gymnasium and numpy are found. */
export const standIn = paths("", "standin")

/** Where `awkward.py` is found. */
export const worlds = paths("")

export const loop = join(folder, "loop.py")

const readOf = (pid: string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1")
  } catch {
    return ""
  }
}

/** The processes that live with this mark in their environment, and all that they have started. */
export const alive = (mark: string): ReadonlyArray<string> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && readOf(name, "environ").includes(`MARK=${mark}`))
    .filter((name) => !/\) Z /.test(readOf(name, "stat")))

const cell = new Int32Array(new SharedArrayBuffer(4))

/** Those that are left some time later. */
export const left = (mark: string, milliseconds = 3000): ReadonlyArray<string> => {
  for (let waited = 0; waited < milliseconds; waited += 20) {
    if (alive(mark).length === 0) return []
    Atomics.wait(cell, 0, 0, 20)
  }
  return alive(mark)
}
