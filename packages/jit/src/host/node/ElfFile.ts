/** What the dynamic loader reads of a shared library of Linux: where it looks for others, and the names in it. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"

// models

export interface ElfFile {
  /** Where this library lets the loader look for what it opens; `$ORIGIN` is its own folder. */
  readonly runpath: ReadonlyArray<string>
  /** The names of functions and libraries that it defines or needs, each once. */
  readonly names: ReadonlySet<string>
}

// pure core

const LOAD = 1
const DYNAMIC = 2
const TAGS = { end: 0n, strings: 5n, size: 10n, rpath: 15n, runpath: 29n } as const

/** More than any library's table of names has. */
const MOST = 256 * 2 ** 20

// reading

/** The library's dynamic section; `undefined` where the file is no shared library of 64 bits. */
export const read = (path: string): ElfFile | undefined => {
  const file = openSync(path, "r")
  try {
    const length = fstatSync(file).size
    const bytes = (from: number, size: number): Buffer | undefined => {
      if (size < 0 || size > MOST || from < 0 || from + size > length) return undefined
      const buffer = Buffer.alloc(size)
      return readSync(file, buffer, 0, size, from) === size ? buffer : undefined
    }
    const header = bytes(0, 64)
    if (header === undefined || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) {
      return undefined
    }
    const [count, size] = [header.readUInt16LE(56), header.readUInt16LE(54)]
    const table = bytes(Number(header.readBigUInt64LE(32)), count * size)
    if (table === undefined || size < 56) return undefined
    const segments = Array.from({ length: count }, (_, i) => ({
      type: table.readUInt32LE(i * size),
      offset: Number(table.readBigUInt64LE(i * size + 8)),
      address: Number(table.readBigUInt64LE(i * size + 16)),
      size: Number(table.readBigUInt64LE(i * size + 32))
    }))
    const section = segments.find(({ type }) => type === DYNAMIC)
    const entries = section === undefined ? undefined : bytes(section.offset, section.size)
    if (entries === undefined) return undefined
    const values = new Map<bigint, number>()
    for (let at = 0; at + 16 <= entries.length; at += 16) {
      const tag = entries.readBigInt64LE(at)
      if (tag === TAGS.end) break
      values.set(tag, Number(entries.readBigUInt64LE(at + 8)))
    }
    const address = values.get(TAGS.strings) ?? 0
    const segment = segments.find(
      (each) => each.type === LOAD && address >= each.address && address < each.address + each.size
    )
    if (segment === undefined) return undefined
    const strings = bytes(address - segment.address + segment.offset, values.get(TAGS.size) ?? 0)
    if (strings === undefined) return undefined
    const at = values.get(TAGS.runpath) ?? values.get(TAGS.rpath)
    const end = at === undefined ? -1 : strings.indexOf(0, at)
    return {
      runpath: at === undefined || end < 0 ? [] : strings.toString("latin1", at, end).split(":"),
      names: new Set(strings.toString("latin1").split("\0"))
    }
  } finally {
    closeSync(file)
  }
}
