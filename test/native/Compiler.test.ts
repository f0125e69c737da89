import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Compiler from "@ornstein/native/internal/Compiler"
import { ConfigProvider, Effect } from "effect"

describe("Compiler", () => {
  it("shows a compiler's first complaints", () => {
    const stderr = `a.cc: In function 'f':\n${Array.from({ length: 9 }, (_, i) => `a.cc:${i}:1: error: e${i}\n   code`).join("\n")}`
    assert.deepStrictEqual(Compiler.complaints(stderr, 2), ["a.cc:0:1: error: e0", "a.cc:1:1: error: e1"])
    assert.deepStrictEqual(Compiler.complaints("killed\n"), ["killed"])
  })

  it.live("is the one in CXX, or none", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Compiler.find)
      assert.deepStrictEqual(error.searched, ["ccache /nowhere/c++ -m64"])
    }).pipe(
      Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ CXX: " ccache  /nowhere/c++ -m64" }))),
      Effect.provide(NodeServices.layer)
    )
  )
})
