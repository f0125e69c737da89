import * as Addon from "@ornstein/jit/internal/engines/tensorflow/Addon"
import { assert, describe, it } from "vitest"

describe("TF32", () => {
  const fault = (options: Addon.Options, override?: string, isWorker = false) =>
    Addon.precisionFault(options, { NVIDIA_TF32_OVERRIDE: override }, isWorker)

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

  it("is what XLA's kernels multiply in, so XLA is refused where whole floats were asked for", () => {
    const compiled = (flags: string, tf32: boolean) =>
      Addon.precisionFault({ device: "gpu", tf32 }, { TF_XLA_FLAGS: flags }, false)
    for (const flags of ["--tf_xla_auto_jit=2", "--tf_xla_clustering_debug --tf_xla_auto_jit=fusible"]) {
      const { fix, reason } = compiled(flags, false) ?? assert.fail(flags)
      assert.match(reason, /TF_XLA_FLAGS is ".*" .* TF32, and products in whole floats/)
      assert.match(fix, /Unset it, or ask for tf32: true/)
      assert.isUndefined(compiled(flags, true))
    }
    for (const flags of ["--tf_xla_auto_jit=0", "--tf_xla_auto_jit=-1", "--tf_xla_clustering_debug"]) {
      assert.isUndefined(compiled(flags, false))
    }
    assert.isUndefined(
      Addon.precisionFault({ device: "cpu" }, { TF_XLA_FLAGS: "--tf_xla_auto_jit=2" }, false)
    )
  })
})
