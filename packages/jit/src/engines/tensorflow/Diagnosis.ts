/**
 * Why TensorFlow may see no GPU: what this machine has of what it opens there. A library that is missing makes TensorFlow
 * skip the GPU with a warning that names none of them, so each is looked for by the very name that TensorFlow opens.
 */
import { DynamicLibrary, ElfFile } from "../../host/node/index.ts"

// models

export interface Finding {
  readonly name: string
  /** What was found: a file, a library's name; `undefined` if nothing of use was. */
  readonly found: string | undefined
  /** Why something that is there is of no use. */
  readonly fault?: string | undefined
}

/** A library that TensorFlow opens before it registers a GPU. */
export interface Library {
  readonly soname: string
  /** Whose it is. */
  readonly origin: "driver" | "cuda"
  /** A function that it must have. */
  readonly contains: string
}

// pure core

const DRIVER: ReadonlyArray<Library> = [
  { soname: "libcuda.so.1", origin: "driver", contains: "cuInit" },
  { soname: "libnvidia-ml.so.1", origin: "driver", contains: "nvmlInit_v2" }
]

const cuda = (versions: {
  readonly cudart: string
  readonly cublas: string
  readonly cufft: string
  readonly cusolver: string
  readonly cusparse: string
  readonly cudnn: string
}): ReadonlyArray<Library> => [
  { soname: `libcudart.so.${versions.cudart}`, origin: "cuda", contains: "cudaGetDeviceCount" },
  { soname: `libcublas.so.${versions.cublas}`, origin: "cuda", contains: "cublasCreate_v2" },
  { soname: `libcublasLt.so.${versions.cublas}`, origin: "cuda", contains: "cublasLtCreate" },
  { soname: `libcufft.so.${versions.cufft}`, origin: "cuda", contains: "cufftCreate" },
  { soname: `libcusolver.so.${versions.cusolver}`, origin: "cuda", contains: "cusolverDnCreate" },
  { soname: `libcusparse.so.${versions.cusparse}`, origin: "cuda", contains: "cusparseCreate" },
  { soname: `libcudnn.so.${versions.cudnn}`, origin: "cuda", contains: "cudnnGetVersion" }
]

/** By the first release of TensorFlow that opens them, newest first. */
const RELEASES: ReadonlyArray<readonly [minor: number, libraries: ReadonlyArray<Library>]> = [
  [18, cuda({ cudart: "12", cublas: "12", cufft: "11", cusolver: "11", cusparse: "12", cudnn: "9" })],
  [15, cuda({ cudart: "12", cublas: "12", cufft: "11", cusolver: "11", cusparse: "12", cudnn: "8" })],
  [0, cuda({ cudart: "11.0", cublas: "11", cufft: "10", cusolver: "11", cusparse: "11", cudnn: "8" })]
]

/** What TensorFlow of a version (`2.21.0`) opens for a GPU. */
export const libraries = (tensorflow: string): ReadonlyArray<Library> => {
  const minor = Number(/^2\.(\d+)/.exec(tensorflow)?.[1] ?? Number.POSITIVE_INFINITY)
  const [, opened = []] = RELEASES.find(([first]) => minor >= first) ?? []
  return [...DRIVER, ...opened]
}

// looking

/** A library by its name, or in the folders where TensorFlow itself looks before anybody else can. */
const look = ({ contains, soname }: Library, folders: ReadonlyArray<string>): Finding => {
  const own = DynamicLibrary.inFolders(folders, soname)
  const reason = DynamicLibrary.refusal(own ?? soname)
  if (reason !== undefined) {
    const isAbsent = reason.includes(`${soname}: cannot open shared object file`)
    return { name: soname, found: undefined, ...(isAbsent ? {} : { fault: reason }) }
  }
  const file = own ?? DynamicLibrary.fileOf(soname)
  if (file === undefined) return { name: soname, found: soname }
  const isWhole = ElfFile.read(file)?.names.has(contains) ?? false
  return isWhole
    ? { name: soname, found: file }
    : { name: soname, found: undefined, fault: `${file} has no function ${contains}` }
}

/** The device, and every library that this version of TensorFlow opens for it. */
export const examine = (tensorflow: string): ReadonlyArray<Finding> => {
  const folders = DynamicLibrary.foldersOf("libtensorflow_framework")
  return [
    {
      name: "an NVIDIA device",
      found: DynamicLibrary.firstOf(["/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"])
    },
    ...libraries(tensorflow).map((library) => look(library, folders))
  ]
}

/** One clause for an error. */
export const describe = (findings: ReadonlyArray<Finding>): string => {
  const absent = findings.filter(({ fault, found }) => found === undefined && fault === undefined)
  const faulty = findings.flatMap(({ fault, found, name }) =>
    found === undefined && fault !== undefined ? [`of no use: ${name} (${fault})`] : []
  )
  const missing = absent.length === 0 ? [] : [`not found: ${absent.map(({ name }) => name).join(", ")}`]
  return missing.length + faulty.length === 0
    ? "the device and every library that it opens are there, so it was built without CUDA, or the driver is older than its CUDA"
    : [...missing, ...faulty].join("; ")
}
