/** Why TensorFlow may see no GPU: what this machine has of what CUDA needs. */
import { existsSync } from "node:fs"

// models

export interface Finding {
  readonly name: string
  /** What was found: a file, a library's name; `undefined` if nothing was. */
  readonly found: string | undefined
}

// looking

/** The first of the libraries that the dynamic loader finds, by the rules that TensorFlow's own loading follows. */
const loadable = (names: ReadonlyArray<string>): string | undefined =>
  names.find((name) => {
    try {
      process.dlopen({ exports: {} }, name)
      return true
    } catch (cause) {
      // A library that was found is then refused, because it is no addon of Node.
      return !String(cause).includes("cannot open shared object file")
    }
  })

const versions = (name: string, all: ReadonlyArray<string>): ReadonlyArray<string> =>
  all.map((version) => `${name}.so.${version}`)

/** The device, the driver, CUDA's runtime and cuDNN. */
export const examine = (): ReadonlyArray<Finding> => [
  {
    name: "an NVIDIA device",
    found: ["/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"].find((path) => existsSync(path))
  },
  { name: "the driver's libcuda.so.1", found: loadable(["libcuda.so.1"]) },
  {
    name: "CUDA's runtime libcudart",
    found: loadable(versions("libcudart", ["13", "12", "11.0"]))
  },
  { name: "cuDNN", found: loadable(versions("libcudnn", ["9", "8"])) }
]

/** One clause for an error. */
export const describe = (findings: ReadonlyArray<Finding>): string => {
  const missing = findings.filter(({ found }) => found === undefined).map(({ name }) => name)
  return missing.length === 0
    ? "the device, the driver, CUDA's runtime and cuDNN are there, so the library was built without CUDA or for another version"
    : `not found: ${missing.join(", ")}`
}
