import { assert, describe, it } from "@effect/vitest"
import { Safetensors } from "@ornstein/core"
import { Effect, Result, Schema } from "effect"

const tensors = {
  "actor.l0.w": {
    shape: [2, 3],
    data: Float32Array.of(1, -0, Number.NaN, 3.5, 1e-40, Number.NEGATIVE_INFINITY)
  },
  tree: { shape: [2], data: Float64Array.of(Math.PI, -1e300) },
  flags: { shape: [3], data: Uint8Array.of(1, 0, 255) },
  steps: { shape: [], data: Int32Array.of(-7) },
  empty: { shape: [0, 4], data: new Float32Array(0) },
  counts: { shape: [1], data: Uint32Array.of(4294967295) }
}

/** Written by Python's safetensors 0.8.0: `save({"b": float32 [[1, 2], [3, 4]], "a": float64 [0.5]}, {"by": "python"})`. */
const PYTHON =
  "kAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJieSI6InB5dGhvbiJ9LCJhIjp7ImR0eXBlIjoiRjY0Iiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0sImIiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzgsMjRdfX0gICAAAAAAAADgPwAAgD8AAABAAABAQAAAgEA="

describe("Safetensors", () => {
  it("gives back every array, bit for bit", () => {
    const read = Result.getOrThrow(Safetensors.decode(Safetensors.encode(tensors, { by: "ornstein" })))
    assert.sameMembers(Object.keys(read), Object.keys(tensors))
    for (const [name, { data, shape }] of Object.entries(tensors)) {
      assert.deepStrictEqual(read[name]?.shape, shape)
      assert.deepStrictEqual(read[name]?.data, data)
    }
  })

  it("reads Node buffers, which lie somewhere inside larger memory", () => {
    const file = Buffer.concat([Buffer.alloc(3), Safetensors.encode(tensors)]).subarray(3)
    const read = Result.getOrThrow(Safetensors.decode(file))
    assert.deepStrictEqual(read["tree"]?.data, tensors.tree.data)
    file.fill(0)
    assert.deepStrictEqual(read["tree"]?.data, tensors.tree.data)
  })

  it("writes the same bytes whatever the order of the names", () => {
    const reversed = Object.fromEntries(Object.entries(tensors).toReversed())
    assert.deepStrictEqual(Safetensors.encode(reversed), Safetensors.encode(tensors))
  })

  it("agrees with Python's library", () => {
    const file = Uint8Array.from(Buffer.from(PYTHON, "base64"))
    const read = Result.getOrThrow(Safetensors.decode(file))
    assert.deepStrictEqual(read["a"], { shape: [1], data: Float64Array.of(0.5) })
    assert.deepStrictEqual(read["b"], { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) })
    assert.deepStrictEqual(Safetensors.encode(read, { by: "python" }), file)
  })

  it.effect.prop("round trip of any numbers", { values: Schema.Array(Schema.Number) }, ({ values }) =>
    Effect.gen(function* () {
      const data = Float32Array.from(values)
      const read = yield* Effect.fromResult(
        Safetensors.decode(Safetensors.encode({ x: { shape: [data.length], data } }))
      )
      assert.deepStrictEqual(read["x"]?.data, data)
    })
  )

  it("refuses what is no file of this format, and says why", () => {
    const reason = (file: Uint8Array) =>
      Result.match(Safetensors.decode(file), {
        onFailure: (error) => error.message,
        onSuccess: () => "accepted"
      })
    const file = Safetensors.encode(tensors)
    assert.match(reason(file.subarray(0, 5)), /too short/)
    assert.match(reason(file.subarray(0, 40)), /the header says/)
    assert.match(reason(file.subarray(0, -1)), /does not fill/)
    const noJson = file.slice()
    noJson[8] = 0x5b
    assert.match(reason(noJson), /no JSON record/)
  })

  /** A file with this header, its length field unless another is given, and so many bytes behind it. */
  const file = (header: string, bytes: number, length?: bigint): Uint8Array => {
    const json = new TextEncoder().encode(header)
    const all = new Uint8Array(8 + json.length + bytes)
    new DataView(all.buffer).setBigUint64(0, length ?? BigInt(json.length), true)
    all.set(json, 8)
    return all
  }
  const tensor = (shape: string, begin: string, end: string, dtype = "F32"): string =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`
  const one = tensor("[1]", "0", "4")

  const hostile: ReadonlyArray<readonly [name: string, file: Uint8Array]> = [
    ["overlapping", file(`{"a":${one},"b":${one}}`, 4)],
    ["partly overlapping", file(`{"a":${tensor("[2]", "0", "8")},"b":${tensor("[2]", "4", "12")}}`, 12)],
    ["with a gap", file(`{"a":${one},"b":${tensor("[1]", "8", "12")}}`, 12)],
    ["with bytes behind", file(`{"a":${one}}`, 8)],
    ["larger than its shape", file(`{"a":${tensor("[1]", "0", "8")}}`, 8)],
    ["with bytes in front", file(`{"a":${tensor("[1]", "4", "8")}}`, 8)],
    ["with a name twice", file(`{"a":${one},"a":${tensor("[1]", "4", "8")}}`, 8)],
    ["with a name twice, once escaped", file(`{"a":${one},"\\u0061":${tensor("[1]", "4", "8")}}`, 8)],
    ["of huge count", file(`{"a":${tensor("[4503599627370496]", "0", "18014398509481984")}}`, 4)],
    [
      "whose product of sizes is beyond all numbers",
      file(
        `{"a":${tensor(
          `[${Array(40)
            .fill(2 ** 40)
            .join()}]`,
          "0",
          "4"
        )}}`,
        4
      )
    ],
    ["with a negative size", file(`{"a":${tensor("[-1]", "0", "4")}}`, 4)],
    ["with a negative place", file(`{"a":${tensor("[1]", "-4", "0")}}`, 4)],
    ["that ends before it begins", file(`{"a":${tensor("[1]", "4", "0")}}`, 4)],
    ["with a size that is no whole number", file(`{"a":${tensor("[0.5]", "0", "2")}}`, 2)],
    ["with a size of 1e999", file(`{"a":${tensor("[1e999]", "0", "4")}}`, 4)],
    ["of NaN", file(`{"a":${tensor("[NaN]", "0", "4")}}`, 4)],
    ["of another type", file(`{"a":${tensor("[1]", "0", "4", "F8_E4M3")}}`, 4)],
    ["whose header is said to be longer than all", file(`{"a":${one}}`, 4, 2n ** 63n)],
    ["whose header is said to be empty", file(`{"a":${one}}`, 4, 0n)],
    ["whose header is nested beyond measure", file(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, 4)],
    ["of null", file("null", 0)],
    ["of a list", file("[]", 0)]
  ]

  it.each(hostile)("refuses arrays %s", (_, file) => {
    const result = Safetensors.decode(file)
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) assert.isAtMost(result.failure.message.length, 400)
  })

  it("gives an array named __proto__ as an array", () => {
    const read = Result.getOrThrow(Safetensors.decode(file(`{"__proto__":${one}}`, 4)))
    assert.deepStrictEqual(Object.keys(read), ["__proto__"])
  })
})
