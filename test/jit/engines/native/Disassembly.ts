/** What `objdump` reads in bytes. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const isInstalled = spawnSync("objdump", ["--version"]).status === 0

/** One line for each instruction, in the manner of AT&T: sources first, blanks made one, comments and where jumps go cut off. */
export const read = (instructions: ReadonlyArray<Iterable<number>>): ReadonlyArray<string> => {
  const folder = mkdtempSync(join(tmpdir(), "ornstein-objdump-"))
  try {
    const file = join(folder, "code")
    writeFileSync(file, Uint8Array.from(instructions.flatMap((bytes) => [...bytes])))
    const { stdout } = spawnSync(
      "objdump",
      ["-D", "-b", "binary", "-m", "i386:x86-64", "-w", "--no-show-raw-insn", file],
      { encoding: "utf8", maxBuffer: 1 << 28 }
    )
    const lines = new Map(
      stdout.split("\n").flatMap((line) => {
        const match = /^\s*([0-9a-f]+):\s+(.*)$/.exec(line)
        return match === null ? [] : [[Number.parseInt(match[1] ?? "", 16), match[2] ?? ""] as const]
      })
    )
    let at = 0
    return instructions.map((bytes) => {
      const text = lines.get(at) ?? "nothing"
      at += [...bytes].length
      return text
        .replace(/\s*#.*$/, "")
        .replaceAll(/\s+/g, " ")
        .trim()
        .replace(/^(j\w+|call) 0x[0-9a-f]+$/, "$1")
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
