import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Addon from "@ornstein/native/internal/Addon"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import * as Terminal from "../lab/Terminal.ts"

describe("Addon", () => {
  it("finds the reason in what Node says of an addon", () => {
    const stderr = `node:internal/modules/cjs/loader:1943
  return process.dlopen(module, path.toNamespacedPath(filename));
                 ^

Error: /lib/x86_64-linux-gnu/libc.so.6: version \`GLIBC_2.38' not found (required by /x/libtensorflow_cc.so.2)
    at Object..node (node:internal/modules/cjs/loader:1943:18)
  code: 'ERR_DLOPEN_FAILED'
`
    const reason = Addon.reasonOf(stderr)
    assert.match(reason, /^\/lib.*GLIBC_2\.38' not found/)
    assert.match(Addon.fixOf(reason), /built for a newer system.*older release/)
    assert.strictEqual(Addon.reasonOf("terminate called\nAborted\n"), "Aborted")
  })

  it("says what to do about it", () => {
    for (const [reason, fix] of [
      ["/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", /newer system/],
      ["libcudart.so.12: cannot open shared object file: No such file", /CUDA is missing/],
      ["libtensorflow_cc.so.2: cannot open shared object file", /been moved/],
      ["/x/tfjs_binding.node: undefined symbol: TF_NewStatus", /do not fit/],
      ["Process interrupted due to receipt of signal: 'SIGILL'", /AVX/],
      ["something else", /Build it again/]
    ] as const) {
      assert.match(Addon.fixOf(reason), fix)
    }
  })

  it("keeps what TensorFlow remarks about GPUs", () => {
    const stderr = `I0000 00:00:1795253120.890778    2852 port.cc:153] oneDNN custom operations are on.
W0000 00:00:1795253121.030543    2852 gpu_device.cc:2342] Cannot dlopen some GPU libraries.
2026-11-21 09:00:00.000000: I tensorflow/x.cc:31] Could not find cuda drivers on your machine, GPU will not be used.
2026-11-21 09:00:00.000000: I tensorflow/x.cc:31] Could not find cuda drivers on your machine, GPU will not be used.
`
    assert.deepStrictEqual(Addon.remarksOf(stderr), [
      "Cannot dlopen some GPU libraries.",
      "Could not find cuda drivers on your machine, GPU will not be used."
    ])
  })

  it.live("says which package is missing, and how to install it", () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const error = yield* Effect.flip(Addon.find(Addon.names.gpu, [root]))
      assert.strictEqual(error._tag, "PackageError")
      assert.include(error.message, root)
      assert.match(error.message, /npm install --ignore-scripts @tensorflow\/tfjs-node-gpu@4\.22\.0/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  const real = createRequire(join(Addon.own, "package.json"))
  const installed = ((): string | undefined => {
    const folder = real.resolve.paths(Addon.names.cpu)?.map((path) => join(path, Addon.names.cpu))
    return folder?.map((path) => join(path, "lib/napi-v8/tfjs_binding.node")).find((path) => existsSync(path))
  })()
  it.live.skipIf(installed === undefined)(
    installed === undefined
      ? "tries an addon of TensorFlow (skipped: @tensorflow/tfjs-node has none here)"
      : "tries an addon of TensorFlow",
    () =>
      Effect.gen(function* () {
        const trial = yield* Addon.tried(installed ?? "")
        assert.match(trial.tensorflow, /^2\.\d+\.\d+/)
        assert.strictEqual(trial.device, "CPU")
      }).pipe(Effect.provide(NodeServices.layer))
  )
})
