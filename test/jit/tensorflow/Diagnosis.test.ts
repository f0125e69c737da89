import * as DynamicLibrary from "@ornstein/jit/DynamicLibrary"
import * as Diagnosis from "@ornstein/jit/tensorflow/Diagnosis"
import { assert, describe, it } from "vitest"

describe.runIf(process.platform === "linux")("a library of the machine", () => {
  it("is found where the loader finds it, though it is no addon", () => {
    assert.isTrue(["libc.so.6", "libc.musl-x86_64.so.1", "libc.so"].some(DynamicLibrary.isLoadable))
    assert.isFalse(DynamicLibrary.isLoadable("libornstein-has-none.so.1"))
  })
})

describe("why no GPU was used", () => {
  it("names what is missing", () => {
    const findings = Diagnosis.examine().map((finding) => ({ ...finding, found: undefined }))
    assert.strictEqual(
      Diagnosis.describe(findings),
      "not found: an NVIDIA device, the driver's libcuda.so.1, CUDA's runtime libcudart, cuDNN"
    )
    assert.strictEqual(
      Diagnosis.describe(findings.map(({ name }) => ({ name, found: name === "cuDNN" ? undefined : "x" }))),
      "not found: cuDNN"
    )
  })

  it("suspects the library where nothing is missing", () => {
    assert.match(Diagnosis.describe([{ name: "cuDNN", found: "libcudnn.so.9" }]), /built without CUDA/)
  })
})
