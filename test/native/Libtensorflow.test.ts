import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Libtensorflow from "@ornstein/native/internal/Libtensorflow"
import { Effect, FileSystem, Result } from "effect"
import { dirname, join } from "node:path"
import * as Fake from "./FakeTensorflow.ts"
import * as Terminal from "../lab/Terminal.ts"

describe("Libtensorflow.find", () => {
  const found = (libraries: ReadonlyArray<string>, headers = Libtensorflow.headers, inside = "") =>
    Effect.gen(function* () {
      const root = yield* Effect.flatMap(Terminal.directory, (path) =>
        Effect.flatMap(FileSystem.FileSystem, (fs) => fs.realPath(path))
      )
      for (const header of headers) Fake.write(join(root, inside, "include", header), "")
      for (const library of libraries) Fake.write(join(root, inside, library), "")
      return { root, result: yield* Effect.result(Libtensorflow.find(root)) }
    }).pipe(Effect.provide(NodeServices.layer))

  const wheel = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]
  const archive = [
    "libtensorflow.so",
    "libtensorflow.so.2",
    "libtensorflow.so.2.9.1",
    "libtensorflow_framework.so",
    "libtensorflow_framework.so.2"
  ].map((name) => `lib/${name}`)

  it.live.skipIf(process.platform !== "linux")("knows wheels, unpacked or installed, and C archives", () =>
    Effect.gen(function* () {
      for (const [names, inside, library, framework] of [
        [wheel, "", "libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
        [wheel, "tensorflow", "libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
        [archive, "", "lib/libtensorflow.so", "lib/libtensorflow_framework.so"]
      ] as const) {
        const { result, root } = yield* found(names, Libtensorflow.headers, inside)
        const base = join(root, inside)
        assert.deepStrictEqual(Result.getOrThrow(result), {
          include: join(base, "include"),
          folder: dirname(join(base, library)),
          library: join(base, library),
          framework: join(base, framework)
        })
      }
    })
  )

  it.live("says which header or library is missing", () =>
    Effect.gen(function* () {
      const failures = [
        [
          yield* found(wheel, Libtensorflow.headers.slice(1)),
          /include\/tensorflow\/c\/c_api\.h: this header is missing/
        ],
        [yield* found([]), /has neither libtensorflow_cc\.(so|dylib).* nor libtensorflow\./],
        [
          yield* found([
            process.platform === "darwin" ? "libtensorflow_cc.2.dylib" : "libtensorflow_cc.so.2"
          ]),
          /has no libtensorflow_framework/
        ]
      ] as const
      for (const [{ result }, message] of failures) {
        assert.strictEqual(result._tag, "Failure")
        if (result._tag === "Failure") assert.match(result.failure.message, message)
      }
      const error = yield* Effect.flip(Libtensorflow.find("/nowhere")).pipe(
        Effect.provide(NodeServices.layer)
      )
      assert.match(error.message, /\/nowhere: there is no such folder/)
    })
  )
})
