/** Every row of the tables of encodings, on drawn operands, against what a disassembler reads in its bytes. */
import * as Encodings from "@ornstein/jit/internal/engines/native/assembly/Encodings"
import * as General from "@ornstein/jit/internal/engines/native/assembly/General"
import { describe, expect, it } from "vitest"
import * as Disassembly from "./Disassembly.ts"
import known from "./encodings.json" with { type: "json" }
import * as Samples from "./Samples.ts"

const rows = [...Object.entries(Encodings), ...Object.entries(General)].toSorted(([a], [b]) =>
  a < b ? -1 : 1
)

const hex = (bytes: ReadonlyArray<number>) => Buffer.from(Uint8Array.from(bytes)).toString("hex")

describe("encodings", () => {
  it("are the bytes that objdump was once shown", () => {
    const samples = rows.flatMap(([name, row]) => Samples.few(name, row))
    expect(samples.map(({ text, bytes }) => `${hex(bytes)} ${text}`)).toEqual(known)
  })

  it.skipIf(!Disassembly.isInstalled)(
    "mean to objdump what they are called, whatever the operands",
    () => {
      const samples = rows.flatMap(([name, row]) => Samples.of(name, row, 160))
      expect(new Set(samples.map(({ row }) => row))).toEqual(new Set(rows.map(([name]) => name)))
      const read = Disassembly.read(samples.map(({ bytes }) => bytes))
      const wrong = samples.flatMap(({ text, bytes }, i) =>
        read[i] === text ? [] : [`${hex(bytes)} is ${read[i]}, not ${text}`]
      )
      expect(wrong.slice(0, 20)).toEqual([])
      expect(samples.length).toBeGreaterThan(20_000)
    },
    120_000
  )
})
