/**
 * Pipes whose two ends are descriptors of ours that block. Node has none: its own are sockets that never block on our side,
 * and a world that is stepped in a loop has to be waited for without a turn of that loop.
 */
import { BridgeError } from "./BridgeError.ts"

// models

/** The end that is read, and the end that is written. */
export type Pipe = readonly [read: number, write: number]

/** What is used of Node. */
export interface Node {
  readonly fs: typeof import("node:fs")
  readonly children: typeof import("node:child_process")
  readonly path: typeof import("node:path")
  readonly os: typeof import("node:os")
}

// the host

/** Throws a `BridgeError` where there is no Node, or a system that the bridge does not know. */
export const node = (): Node => {
  const { process: host } = globalThis
  if (host?.getBuiltinModule === undefined || host.platform !== "linux") {
    throw new BridgeError({
      reason: "system",
      what: `Python's worlds need Linux, and this is ${host?.platform ?? "no Node"}`,
      fix: "Run it on Linux (WSL and containers are), or take a world of ours: `ornstein envs`"
    })
  }
  return {
    fs: host.getBuiltinModule("node:fs"),
    children: host.getBuiltinModule("node:child_process"),
    path: host.getBuiltinModule("node:path"),
    os: host.getBuiltinModule("node:os")
  }
}

// constructors

const MAKE = "import os, sys\nfor path in sys.argv[1:]: os.mkfifo(path, 0o600)"

/** Nothing that this Python is asked takes longer, in milliseconds. */
const PATIENCE = 30_000

/** Opens a FIFO at both ends: each that is opened alone would wait for the other. */
const open = ({ fs }: Node, path: string): Pipe => {
  const both = fs.openSync(path, "r+")
  try {
    return [fs.openSync(path, "r"), fs.openSync(path, fs.constants.O_WRONLY)]
  } finally {
    fs.closeSync(both)
  }
}

/**
 * So many pipes. They are FIFOs in a new folder that only this user can enter, and whose names are gone when this returns;
 * Python makes them, since Node cannot, so that an absent Python shows here. Throws a `BridgeError`.
 */
export const make = (host: Node, python: string, count: number): ReadonlyArray<Pipe> => {
  const { children, fs, os, path } = host
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ornstein-"))
  try {
    const names = Array.from({ length: count }, (_, i) => path.join(folder, String(i)))
    const { error, status, stderr } = children.spawnSync(python, ["-ISc", MAKE, ...names], {
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
      timeout: PATIENCE
    })
    if (error !== undefined || status !== 0 || !names.every((name) => fs.existsSync(name))) {
      const last = error === undefined ? stderr.trim().split("\n").at(-1) : codeOf(error)
      const said = last === undefined || last === "" ? `exit ${status}` : last
      throw new BridgeError({
        reason: "python",
        what: `no Python 3 runs as "${python}" (${said})`,
        fix: 'Name one that has gymnasium installed: "python": "/path/to/venv/bin/python"'
      })
    }
    const opened: Array<Pipe> = []
    for (const name of names) opened.push(open(host, name))
    return opened
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

const codeOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.message
