import * as DynamicLibrary from "@ornstein/jit/internal/host/node/DynamicLibrary"
import * as ElfFile from "@ornstein/jit/ElfFile"
import * as Diagnosis from "@ornstein/jit/internal/engines/tensorflow/Diagnosis"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

const isLinux = process.platform === "linux"
const hasCompiler = isLinux && spawnSync("c++", ["--version"]).status === 0

describe.runIf(isLinux)("a library of the machine", () => {
  it("is found where the loader finds it, though it is no addon", () => {
    const names = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.so"]
    const name = names.find(DynamicLibrary.isLoadable)
    assert.isDefined(name)
    assert.include(DynamicLibrary.fileOf(name ?? ""), "libc")
    assert.match(DynamicLibrary.refusal("libornstein-has-none.so.1") ?? "", /cannot open shared object file/)
  })
})

describe("what TensorFlow opens for a GPU", () => {
  it("has the versions of its release", () => {
    const cuda = (tensorflow: string) => Diagnosis.libraries(tensorflow).map(({ soname }) => soname)
    assert.deepStrictEqual(cuda("2.21.0"), [
      "libcuda.so.1",
      "libnvidia-ml.so.1",
      "libcudart.so.12",
      "libcublas.so.12",
      "libcublasLt.so.12",
      "libcufft.so.11",
      "libcusolver.so.11",
      "libcusparse.so.12",
      "libcudnn.so.9"
    ])
    assert.include(cuda("2.16.1"), "libcudnn.so.8")
    assert.include(cuda("2.9.1"), "libcudart.so.11.0")
    assert.deepStrictEqual(cuda("3.0.0"), cuda("2.21.0"))
  })
})

describe("why no GPU was used", () => {
  it("names every library that is missing, and why one that is there is of no use", () => {
    const [device, ...libraries] = Diagnosis.examine("2.21.0").map(({ name }) => ({ name, found: undefined }))
    assert.strictEqual(device?.name, "an NVIDIA device")
    assert.strictEqual(
      Diagnosis.describe(libraries),
      "not found: libcuda.so.1, libnvidia-ml.so.1, libcudart.so.12, libcublas.so.12, libcublasLt.so.12, " +
        "libcufft.so.11, libcusolver.so.11, libcusparse.so.12, libcudnn.so.9"
    )
    assert.strictEqual(
      Diagnosis.describe([
        { name: "libcusolver.so.11", found: undefined },
        {
          name: "libcudnn.so.9",
          found: undefined,
          fault: "/x/libcudnn.so.9 has no function cudnnGetVersion"
        },
        { name: "libcudart.so.12", found: "/x/libcudart.so.12" }
      ]),
      "not found: libcusolver.so.11; of no use: libcudnn.so.9 (/x/libcudnn.so.9 has no function cudnnGetVersion)"
    )
  })

  it("suspects the library or the driver only where nothing is missing", () => {
    assert.match(
      Diagnosis.describe([{ name: "libcudnn.so.9", found: "libcudnn.so.9" }]),
      /built without CUDA, or the driver is older/
    )
  })
})

/** Libraries of a few lines under the names of CUDA's, in a process whose loader looks for them first. */
describe.runIf(hasCompiler)("libraries in LD_LIBRARY_PATH", () => {
  let folder = ""

  const library = (name: string, functions: string, runpath = "$ORIGIN/../other:/far") => {
    const { status, stderr } = spawnSync(
      "c++",
      [
        "-shared",
        "-fPIC",
        "-x",
        "c",
        "-",
        `-Wl,-soname,${name}`,
        `-Wl,-rpath,${runpath}`,
        "-o",
        join(folder, name)
      ],
      { input: functions }
    )
    assert.strictEqual(status, 0, String(stderr))
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "ornstein-cuda-"))
    library("libcudart.so.13", "int cudaGetDeviceCount(void) { return 0; }")
    library("libcufft.so.11.3.0.4", "int cufftCreate(void) { return 0; }")
    symlinkSync("libcufft.so.11.3.0.4", join(folder, "libcufft.so.11"))
    library("libcudnn.so.9", "int nothing(void) { return 0; }")
    writeFileSync(join(folder, "libcusparse.so.12"), "")
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const examined = (variables: { readonly [name: string]: string }): ReadonlyArray<Diagnosis.Finding> => {
    const module = fileURLToPath(import.meta.resolve("@ornstein/jit/internal/engines/tensorflow/Diagnosis"))
    const script = `import { examine } from ${JSON.stringify(module)}; console.log(JSON.stringify(examine("2.21.0")))`
    const { stderr, stdout } = spawnSync(
      process.execPath,
      ["--conditions=@ornstein/source", "--input-type=module", "--eval", script],
      { env: { ...process.env, NODE_OPTIONS: "", ...variables }, encoding: "utf8" }
    )
    assert.strictEqual(stderr, "")
    return JSON.parse(stdout)
  }

  it("count if they are of the right version, and have what they should", () => {
    const findings = examined({ LD_LIBRARY_PATH: folder })
    const of = (name: string) => findings.find((finding) => finding.name === name)
    // Version 13 is no version 12.
    assert.isUndefined(of("libcudart.so.12")?.found)
    assert.isUndefined(of("libcudart.so.12")?.fault)
    assert.strictEqual(of("libcufft.so.11")?.found, join(folder, "libcufft.so.11.3.0.4"))
    assert.isUndefined(of("libcudnn.so.9")?.found)
    assert.match(of("libcudnn.so.9")?.fault ?? "", /has no function cudnnGetVersion/)
    assert.isUndefined(of("libcusparse.so.12")?.found)
    assert.match(of("libcusparse.so.12")?.fault ?? "", /file too short/)
  })

  it("are found where TensorFlow alone looks", () => {
    library("libtensorflow_framework.so.2", "int x;", folder)
    const findings = examined({ LD_PRELOAD: join(folder, "libtensorflow_framework.so.2") })
    assert.deepStrictEqual(
      findings.filter(({ found }) => found?.startsWith(folder)).map(({ found }) => found),
      [join(folder, "libcufft.so.11")]
    )
  })

  it("tell where they look for others, and which names are in them", () => {
    const elf = ElfFile.read(join(folder, "libcudart.so.13"))
    assert.deepStrictEqual(elf?.runpath, ["$ORIGIN/../other", "/far"])
    assert.isTrue(elf?.names.has("cudaGetDeviceCount"))
    assert.isUndefined(ElfFile.read(join(folder, "libcusparse.so.12")))
    assert.isUndefined(ElfFile.read(fileURLToPath(import.meta.url)))
  })
})
