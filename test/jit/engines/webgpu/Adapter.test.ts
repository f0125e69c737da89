import * as Adapter from "@ornstein/jit/internal/engines/webgpu/Adapter"
import * as Vulkan from "@ornstein/jit/internal/host/node/Vulkan"
import { assert, describe, it } from "vitest"

const info = (fields: Partial<Adapter.Info>): Adapter.Info => ({
  vendor: "",
  architecture: "",
  device: "",
  description: "",
  isFallbackAdapter: false,
  ...fields
})

const ampere = info({ vendor: "nvidia", architecture: "ampere", description: "NVIDIA A100" })
const swiftshader = info({ vendor: "google", architecture: "swiftshader", description: "SwiftShader driver" })

describe("an adapter", () => {
  it.each([
    ["a GPU", ampere, "hardware", "tfjs:webgpu:nvidia-ampere", "nvidia ampere (NVIDIA A100)"],
    [
      "SwiftShader by its name",
      swiftshader,
      "software",
      "tfjs:webgpu:software:google-swiftshader",
      "software: google swiftshader (SwiftShader driver)"
    ],
    [
      "lavapipe by its name",
      info({ vendor: "mesa", device: "llvmpipe (LLVM 19.1, 256 bits)" }),
      "software",
      "tfjs:webgpu:software:mesa",
      "software: mesa (llvmpipe (LLVM 19.1, 256 bits))"
    ],
    [
      "what WebGPU calls a fallback",
      info({ vendor: "other", isFallbackAdapter: true }),
      "software",
      "tfjs:webgpu:software:other",
      "software: other"
    ],
    ["one that says nothing", info({}), "hardware", "tfjs:webgpu", "hardware without a name"]
  ] as const)("%s", (_, told, kind, name, shown) => {
    const adapter = Adapter.make(told)
    assert.deepStrictEqual(
      [adapter.kind, Adapter.engineName(adapter), Adapter.show(adapter)],
      [kind, name, shown]
    )
  })

  it("is refused if it is software and hardware was wanted, and named", () => {
    const refusal = Adapter.refusal(Adapter.make(swiftshader), "hardware")
    assert.match(refusal?.message ?? "", /CPU \(software: google swiftshader.*adapter: "any"/)
    assert.isUndefined(Adapter.refusal(Adapter.make(swiftshader), "any"))
    assert.isUndefined(Adapter.refusal(Adapter.make(ampere), "hardware"))
  })
})

describe("no adapter", () => {
  const message = (...args: Parameters<typeof Adapter.noAdapter>) => Adapter.noAdapter(...args).message

  it("has a reason and a remedy for each thing that may be missing", () => {
    assert.match(message("linux", { hasLoader: false, drivers: ["a.json"] }), /libvulkan\.so\.1 is missing/)
    assert.match(message("linux", { hasLoader: true, drivers: [] }), /no driver.*mesa-vulkan-drivers/)
    assert.match(
      message("linux", { hasLoader: true, drivers: ["/x/nvidia_icd.json"] }),
      /nvidia_icd.*vulkaninfo/
    )
    assert.match(message("darwin", { hasLoader: false, drivers: [] }), /no adapter\. Install or update/)
  })

  it("looks where Vulkan looks", () => {
    const { drivers } = Vulkan.find({ VK_DRIVER_FILES: `/nowhere.json:${import.meta.filename}` })
    assert.deepStrictEqual(drivers, [import.meta.filename])
    assert.deepStrictEqual(Vulkan.find({ VK_ICD_FILENAMES: "/nowhere.json" }).drivers, [])
  })
})
