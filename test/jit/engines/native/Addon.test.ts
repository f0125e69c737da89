import * as Addon from "@ornstein/jit/internal/engines/native/addon/Addon"
import * as Functions from "@ornstein/jit/internal/engines/native/addon/Functions"
import {
  add32,
  Assembler,
  mem,
  mov,
  rax,
  rdi,
  ret
} from "@ornstein/jit/internal/engines/native/assembly/index"
import * as Threads from "@ornstein/jit/internal/host/Threads"
import { EngineError } from "@ornstein/jit/Engine"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"

const isHere = process.platform === "linux" && process.arch === "x64"

/** Adds `by` to the word at byte `at` of the memory. */
const adder = (...pairs: ReadonlyArray<readonly [at: number, by: number]>) => {
  const x = Assembler.make("avx2")
  const starts = pairs.map(([at, by]) => {
    x.align(16)
    const start = x.size()
    // What it leaves in rax is not seen.
    x.put(add32(mem({ base: rdi, displacement: at }), by), mov(rax, 7), ret)
    return start
  })
  return { code: x.bytes(), starts }
}

describe.skipIf(!isHere)("Addon", () => {
  it("runs placed code on the memory, whether shared or not, wherever the view begins", () => {
    const addon = Addon.open()
    for (const buffer of [new ArrayBuffer(4096), new SharedArrayBuffer(4096)]) {
      const { code, starts } = adder([0, 1], [8, -5])
      const memory = new Uint8Array(buffer, 64)
      const placed = addon.place(code, starts, memory)
      const [first, second] = addon.entries(placed)
      expect(first?.()).toBe(undefined)
      first?.()
      second?.()
      const words = new Int32Array(buffer)
      expect([...words.subarray(14, 20)]).toEqual([0, 0, 2, 0, -5, 0])
      addon.free(placed)
    }
  })

  it("gives the same code to a thread of its own", async () => {
    const addon = Addon.open()
    const { code, starts } = adder([0, 1], [4, 7])
    const buffer = new SharedArrayBuffer(64)
    const placed = addon.place(code, starts, new Uint8Array(buffer))
    const script = Addon.script(placed)
    const words = new Int32Array(buffer)
    const ended = Promise.withResolvers<void>()
    const thread = Threads.start({
      name: "adder",
      code: `${script.code}
        const run = ({ given, words }) => {
          for (const call of open(given)) call()
          Atomics.store(words, 2, 1)
          Atomics.notify(words, 2)
        }`,
      given: { given: script.given, words },
      onError: ended.reject,
      onEnd: ended.resolve
    })
    await ended.promise
    expect([...words.subarray(0, 3)]).toEqual([1, 7, 1])
    await thread.terminate()
    addon.free(placed)
  })

  it("maps code as executable and never writable", () => {
    const addon = Addon.open()
    const placed = addon.place(adder([0, 1]).code, [0], new Uint8Array(8))
    const line = readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .find((each) => each.startsWith(`${placed.address.toString(16)}-`))
    expect(line?.split(" ")[1]).toBe("r-xp")
    addon.free(placed)
    expect(readFileSync("/proc/self/maps", "utf8")).not.toContain(`${placed.address.toString(16)}-`)
  })

  it("finds the level that the system tells of", () => {
    const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.split(" "))
    const all = (names: string) => names.split(" ").every((name) => flags.has(name))
    const avx2 = all("avx2 fma bmi2")
    const avx512 = avx2 && all("avx512f avx512dq avx512bw avx512vl")
    expect(Addon.open().level).toBe(avx512 ? "avx512" : avx2 ? "avx2" : undefined)
  })

  it("keeps no memory of 2,000 pieces of code", () => {
    const addon = Addon.open()
    const memory = new Uint8Array(8)
    const { code, starts } = adder([0, 1])
    const large = new Uint8Array(1 << 16)
    large.set(code)
    const round = () => {
      const placed = addon.place(large, starts, memory)
      for (const call of addon.entries(placed)) call()
      addon.free(placed)
    }
    const mapped = () => readFileSync("/proc/self/maps", "utf8").split("\n").length
    for (let i = 0; i < 100; i++) round()
    const before = mapped()
    for (let i = 0; i < 2000; i++) round()
    // Each piece would have been a mapping of 64 KB.
    expect(mapped() - before).toBeLessThan(100)
  })

  it("refuses to enter outside of the code", () => {
    const { code } = adder([0, 1])
    for (const start of [-1, code.length, Number.NaN])
      expect(() => Addon.open().place(code, [start], new Uint8Array(8))).toThrow(RangeError)
  })

  it("leaves no file", () => {
    const folder = mkdtempSync(join(tmpdir(), "ornstein-addon-"))
    try {
      expect(spawnChild([], folder).stdout).toContain("avx")
      expect(readdirSync(folder)).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.each([
    [
      "forbidden by Node's permissions",
      ["--permission", "--allow-fs-read=*", "--allow-fs-write=*"],
      undefined,
      "--allow-addons"
    ],
    [
      "forbidden to write by Node's permissions",
      ["--permission", "--allow-fs-read=*", "--allow-addons"],
      undefined,
      "--allow-fs-write"
    ],
    ["without a folder", [], "/nonexistent", "TMPDIR"],
    ["in a folder of the system's", [], "/proc", "TMPDIR"]
  ])("says what to do where it is %s", (_, options, folder, fix) => {
    const { stdout } = spawnChild(options, folder ?? tmpdir())
    expect(stdout).toMatch(/^engine native: /)
    expect(stdout).toContain(fix)
    expect(stdout).toContain("wasm")
  })
})

describe("the addon's file", () => {
  it("is the same every time, and small", () => {
    expect(Functions.make()).toEqual(Functions.make())
    expect(Functions.make().length).toBeLessThan(10_000)
  })

  it("is refused where it cannot run", () => {
    if (isHere) return
    expect(() => Addon.open()).toThrow(EngineError)
  })
})

/** A process of its own that opens the addon and says its level, or the error. */
function spawnChild(options: ReadonlyArray<string>, folder: string) {
  const file = new URL("../../../../packages/jit/src/engines/native/addon/Addon.ts", import.meta.url)
  const code = `import(${JSON.stringify(file.href)}).then(
    ({ open }) => { console.log(open().level) }
  ).catch((error) => console.log(error.message))`
  return spawnSync(
    process.execPath,
    ["--conditions=@ornstein/source", ...options, "--input-type=module", "--eval", code],
    { encoding: "utf8", env: { ...process.env, TMPDIR: folder, NODE_OPTIONS: "", NODE_NO_WARNINGS: "1" } }
  )
}
