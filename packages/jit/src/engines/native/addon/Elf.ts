/**
 * An ELF shared object for x86-64 as the loader of Linux takes it: one function that it exports, code, and the functions
 * of the process that the code calls through a table (System V ABI, chapters 4 and 5; AMD64 supplement).
 */

// models

export interface Library {
  /** The exported function, at the beginning of the code. */
  readonly name: string
  /** The functions that the loader finds in the process. */
  readonly imports: ReadonlyArray<string>
  readonly code: Uint8Array
}

const PAGE = 4096

/** Where the code lies, at least a page from the headers before it. */
const CODE = PAGE

/** Where the table of imported addresses lies, seen from the code's beginning: `8 * i` further on is import `i`. */
export const TABLE = PAGE

// pure core

const DYNAMIC = { hash: 4, strings: 5, symbols: 6, relocations: 7 } as const

interface Program {
  readonly type: number
  readonly flags: number
  readonly at: number
  readonly bytes: number
  readonly align: number
}

/** The file's bytes. */
export const make = ({ name, imports, code }: Library): Uint8Array<ArrayBuffer> => {
  if (code.length > PAGE) throw new RangeError(`the code has ${code.length} bytes`)
  const text = new TextEncoder()
  const names = ["", ...imports, name].map((each) => text.encode(`${each}\0`))
  const strings = names.reduce((sum, { length }) => sum + length, 0)

  const headers = 64 + 56 * 4
  const symbols = headers
  const hash = symbols + 24 * names.length
  const relocations = Math.ceil((hash + 4 * (3 + names.length)) / 8) * 8
  const stringsAt = relocations + 24 * imports.length
  if (stringsAt + strings > CODE) throw new RangeError("there are too many names")
  const table = CODE + TABLE
  const dynamic = table + 8 * imports.length
  const entries: ReadonlyArray<readonly [tag: number, value: number]> = [
    [DYNAMIC.hash, hash],
    [DYNAMIC.strings, stringsAt],
    [DYNAMIC.symbols, symbols],
    [10, strings],
    [11, 24],
    [DYNAMIC.relocations, relocations],
    [8, 24 * imports.length],
    [9, 24],
    [0, 0]
  ]
  const end = dynamic + 16 * entries.length
  const programs: ReadonlyArray<Program> = [
    // Loaded: headers and code, to read and execute; the tables, to read and write.
    { type: 1, flags: 5, at: 0, bytes: CODE + code.length, align: PAGE },
    { type: 1, flags: 6, at: table, bytes: end - table, align: PAGE },
    { type: 2, flags: 6, at: dynamic, bytes: 16 * entries.length, align: 8 },
    // The stack is not executable.
    { type: 0x6474e551, flags: 6, at: 0, bytes: 0, align: 16 }
  ]

  const file = new Uint8Array(end)
  const view = new DataView(file.buffer)
  const word = (at: number, value: number) => view.setUint32(at, value, true)
  const half = (at: number, value: number) => view.setUint16(at, value, true)
  const long = (at: number, value: number) => view.setBigUint64(at, BigInt(value), true)

  // A 64-bit shared object, little-endian, for x86-64; four program headers behind the file's.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  half(16, 3)
  half(18, 62)
  word(20, 1)
  long(32, 64)
  half(52, 64)
  half(54, 56)
  half(56, programs.length)
  half(58, 64)
  programs.forEach(({ align, at, bytes, flags, type }, i) => {
    const header = 64 + 56 * i
    word(header, type)
    word(header + 4, flags)
    for (const field of [8, 16, 24]) long(header + field, at)
    for (const field of [32, 40]) long(header + field, bytes)
    long(header + 48, align)
  })

  let stringAt = 0
  names.forEach((bytes, i) => {
    const symbol = symbols + 24 * i
    file.set(bytes, stringsAt + stringAt)
    word(symbol, stringAt)
    stringAt += bytes.length
    // A global function; the last one is here, the others are elsewhere.
    if (i > 0) file[symbol + 4] = 0x12
    if (i === names.length - 1) {
      half(symbol + 6, 1)
      long(symbol + 8, CODE)
      long(symbol + 16, code.length)
    }
  })
  // One bucket: a chain through all symbols, the last one first.
  word(hash, 1)
  word(hash + 4, names.length)
  word(hash + 8, names.length - 1)
  names.forEach((_, i) => word(hash + 12 + 4 * i, Math.max(0, i - 1)))
  imports.forEach((_, i) => {
    const relocation = relocations + 24 * i
    long(relocation, table + 8 * i)
    // R_X86_64_GLOB_DAT of symbol i + 1.
    word(relocation + 8, 6)
    word(relocation + 12, i + 1)
  })
  file.set(code, CODE)
  entries.forEach(([tag, value], i) => {
    long(dynamic + 16 * i, tag)
    long(dynamic + 16 * i + 8, value)
  })
  return file
}
