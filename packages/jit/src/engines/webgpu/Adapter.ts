/** What WebGPU computes on, in its own words; and why there is nothing. */
import { EngineError } from "../../Engine.ts"
import type { Vulkan } from "../../host/node/index.ts"

// models

/** What WebGPU tells of an adapter. Texts that it does not know are empty. */
export interface Info {
  /** `nvidia`, `amd`, `intel`, `apple`, `google` (SwiftShader), `mesa` (lavapipe), ... */
  readonly vendor: string
  /** A family: `ampere`, `rdna-2`, `swiftshader`, ... */
  readonly architecture: string
  readonly device: string
  /** The driver's words. */
  readonly description: string
  readonly isFallbackAdapter: boolean
}

export interface Adapter {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  readonly description: string
  /** `software`: it is a CPU that plays a GPU. */
  readonly kind: "hardware" | "software"
}

/** What may compute: `hardware`, or `any` adapter, also one in software. */
export type Wanted = "hardware" | "any"

// pure core

export const ENGINE = "tfjs:webgpu"

/** Software adapters that drivers may not call so. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i

export const make = ({ architecture, description, device, isFallbackAdapter, vendor }: Info): Adapter => ({
  vendor,
  architecture,
  device,
  description,
  kind:
    isFallbackAdapter || SOFTWARE.test(`${architecture} ${device} ${description}`) ? "software" : "hardware"
})

/** `nvidia ampere (NVIDIA A100)`, `software: google swiftshader (SwiftShader driver 5.0.0)`. */
export const show = ({ architecture, description, device, kind, vendor }: Adapter): string => {
  const name = [vendor, architecture].filter((text) => text !== "").join(" ")
  const words = description || device
  const shown = words === "" ? name : `${name} (${words})`.trimStart()
  return kind === "software" ? `software: ${shown}` : shown || "hardware without a name"
}

/** The engine's name with this adapter, for run records and errors. */
export const engineName = ({ architecture, kind, vendor }: Adapter): string => {
  const name = [vendor, architecture].filter((text) => text !== "").join("-")
  return [ENGINE, ...(kind === "software" ? ["software"] : []), ...(name === "" ? [] : [name])].join(":")
}

/** The error for an adapter that is not what was wanted, if it is not. */
export const refusal = (adapter: Adapter, wanted: Wanted): EngineError | undefined =>
  wanted === "any" || adapter.kind === "hardware"
    ? undefined
    : new EngineError({
        engine: ENGINE,
        reason: `the only adapter computes on the CPU (${show(adapter)})`,
        fix:
          "Install the driver of the GPU (`vulkaninfo --summary` lists what there is), or use the engine wasm, " +
          'which is faster on a CPU; adapter: "any" takes it all the same.'
      })

/** Why there is no adapter at all. */
export const noAdapter = (platform: NodeJS.Platform, { drivers, hasLoader }: Vulkan.Vulkan): EngineError => {
  const none = (reason: string, fix: string) => new EngineError({ engine: ENGINE, reason, fix })
  if (platform !== "linux") {
    return none("WebGPU found no adapter", "Install or update the driver of the GPU.")
  }
  if (!hasLoader) {
    return none(
      "WebGPU found no adapter: the Vulkan loader libvulkan.so.1 is missing",
      "Install it (Debian: libvulkan1) and the Vulkan driver of the GPU."
    )
  }
  if (drivers.length === 0) {
    return none(
      "WebGPU found no adapter: Vulkan has no driver",
      "Install the Vulkan driver of the GPU (for a container of NVIDIA's: NVIDIA_DRIVER_CAPABILITIES=all); " +
        "in software, lavapipe (Debian: mesa-vulkan-drivers) or SwiftShader."
    )
  }
  return none(
    `WebGPU accepts no adapter of the Vulkan drivers here (${drivers.join(", ")})`,
    "Its lines on the terminal say why. A driver may see no GPU, or be too old: `vulkaninfo --summary` lists what there is."
  )
}
