/** Why TensorFlow may see no GPU: what this machine has of what CUDA needs. */
import { existsSync } from "node:fs"
import * as DynamicLibrary from "../DynamicLibrary.ts"

// models

export interface Finding {
  readonly name: string
  /** What was found: a file, a library's name; `undefined` if nothing was. */
  readonly found: string | undefined
}

// looking

const versions = (name: string, all: ReadonlyArray<string>): ReadonlyArray<string> =>
  all.map((version) => `${name}.so.${version}`)

/** The device, the driver, CUDA's runtime and cuDNN. */
export const examine = (): ReadonlyArray<Finding> => [
  {
    name: "an NVIDIA device",
    found: ["/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"].find((path) => existsSync(path))
  },
  { name: "the driver's libcuda.so.1", found: ["libcuda.so.1"].find(DynamicLibrary.isLoadable) },
  {
    name: "CUDA's runtime libcudart",
    found: versions("libcudart", ["13", "12", "11.0"]).find(DynamicLibrary.isLoadable)
  },
  { name: "cuDNN", found: versions("libcudnn", ["9", "8"]).find(DynamicLibrary.isLoadable) }
]

/** One clause for an error. */
export const describe = (findings: ReadonlyArray<Finding>): string => {
  const missing = findings.filter(({ found }) => found === undefined).map(({ name }) => name)
  return missing.length === 0
    ? "the device, the driver, CUDA's runtime and cuDNN are there, so the library was built without CUDA or for another version"
    : `not found: ${missing.join(", ")}`
}
