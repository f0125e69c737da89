import * as Addon from "@ornstein/jit/internal/engines/tensorflow/Addon"
import { assert, describe, it } from "vitest"

describe("TF32", () => {
  const fault = (options: Addon.Options, given?: string, isWorker = false) =>
    Addon.precisionFault(options, given, isWorker)

  it("is off unless it is asked for, and the environment does not say otherwise in silence", () => {
    for (const [options, given] of [
      [{ device: "gpu" }, undefined],
      [{ device: "gpu" }, "0"],
      [{ device: "gpu", tf32: false }, "0"],
      [{ device: "gpu", tf32: true }, undefined],
      [{ device: "gpu", tf32: true }, "1"],
      [{ device: "cpu" }, "1"]
    ] as const) {
      assert.isUndefined(fault(options, given), JSON.stringify([options, given]))
    }
    assert.match(fault({ device: "gpu" }, "1")?.reason ?? "", /NVIDIA_TF32_OVERRIDE is "1".*whole floats/)
    assert.match(fault({ device: "gpu", tf32: true }, "0")?.fix ?? "", /Unset it, or ask for tf32: false/)
  })

  it("is refused on a CPU, and cannot be switched off where the environment is a copy", () => {
    assert.match(fault({ device: "cpu", tf32: true })?.reason ?? "", /a CPU has no TF32/)
    assert.match(fault({ device: "gpu" }, undefined, true)?.fix ?? "", /before the process starts/)
    assert.isUndefined(fault({ device: "gpu" }, "0", true))
    assert.isUndefined(fault({ device: "gpu", tf32: true }, undefined, true))
  })
})
