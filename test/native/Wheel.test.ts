import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Wheel from "@ornstein/native/internal/Wheel"
import { Effect } from "effect"
import { join } from "node:path"
import * as Fake from "./FakeTensorflow.ts"
import * as Terminal from "../lab/Terminal.ts"

describe("Wheel", () => {
  it("knows the machines that a wheel was made for", () => {
    const tags = Wheel.platformsOf(
      "Root-Is-Purelib: false\nTag: cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64\nTag: py3-none-macosx_12_0_arm64\n"
    )
    assert.deepStrictEqual(tags, ["manylinux_2_17_x86_64", "manylinux2014_x86_64", "macosx_12_0_arm64"])
    const linux = { platform: "linux", arch: "x64" }
    assert.isTrue(Wheel.fits("manylinux_2_27_x86_64", linux))
    assert.isTrue(Wheel.fits("linux_x86_64", linux))
    assert.isFalse(Wheel.fits("manylinux_2_27_aarch64", linux))
    assert.isFalse(Wheel.fits("win_amd64", linux))
    assert.isFalse(Wheel.fits("any", linux))
    assert.isTrue(Wheel.fits("macosx_12_0_arm64", { platform: "darwin", arch: "arm64" }))
    assert.isFalse(Wheel.fits("win_amd64", { platform: "win32", arch: "x64" }))
  })

  it("reads what a source includes", () => {
    const source =
      '#include "tensorflow/c/c_api.h" // IWYU\n  # include <stddef.h>\n// #include "no.h"\n#define include\n'
    assert.deepStrictEqual(Wheel.includes(source), ["tensorflow/c/c_api.h", "stddef.h"])
  })

  const refused = (content: Buffer | string, reason: RegExp) =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const path = join(root, "tensorflow.whl")
      Fake.write(path, content)
      const error = yield* Effect.flip(Wheel.unpack(path, join(root, "out"), Fake.quiet()))
      assert.strictEqual(error._tag, "LibtensorflowError")
      assert.match(error.message, reason)
      assert.deepStrictEqual(Fake.listing(join(root, "out")), [])
    }).pipe(Effect.provide(NodeServices.layer))

  it.live("refuses what is no zip archive", () => refused("no zip at all", /cannot be read as a wheel/))
  it.live("refuses an archive that is no wheel", () =>
    refused(Fake.zip({ "a.txt": "a" }), /no dist-info\/WHEEL/)
  )
  it.live("refuses a wheel of another platform", () =>
    refused(
      Fake.zip({ "tensorflow-2.21.0.dist-info/WHEEL": "Tag: cp311-cp311-win_amd64\n" }),
      /was made for win_amd64, and this is/
    )
  )
  it.live("refuses a wheel without the library in C", () =>
    refused(
      Fake.zip({ ...Fake.METADATA, "tensorflow/libtensorflow_framework.so.2": "" }),
      /has neither libtensorflow_cc/
    )
  )
  it.live("says where there is no file", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Wheel.unpack("/nowhere/x.whl", "/nowhere", Fake.quiet()))
      assert.match(error.message, /\/nowhere\/x\.whl.*ENOENT/)
    }).pipe(Effect.provide(NodeServices.layer))
  )
  it.live("refuses a damaged library", () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const path = join(root, "tensorflow.whl")
      const bytes = Fake.zip({
        ...Fake.METADATA,
        "tensorflow/libtensorflow_framework.so.2": "framework",
        "tensorflow/libtensorflow_cc.so.2": "the library"
      })
      bytes.write("THE", bytes.indexOf("the library"))
      Fake.write(path, bytes)
      const error = yield* Effect.flip(Wheel.unpack(path, join(root, "out"), Fake.quiet()))
      assert.match(error.message, /libtensorflow_cc\.so\.2 is damaged/)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
