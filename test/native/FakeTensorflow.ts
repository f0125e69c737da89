/**
 * A libtensorflow of a few lines, a package whose addon needs no more, and wheels: what a build is tried with where the
 * real ones are a gigabyte.
 */
import { assert } from "@effect/vitest"
import * as Libtensorflow from "@ornstein/native/internal/Libtensorflow"
import type * as Output from "@ornstein/lab/Output"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { crc32 } from "node:zlib"

export const write = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const C_API = `extern "C" const char* TF_Version();
extern "C" double TF_Product(int i);
`

/** A package whose addon knows no more than the trial asks for. */
const BINDING = `#include <node_api.h>
#include "tensorflow/c/c_api.h"
#include "tfjs_backend.h"
namespace {
napi_value number(napi_env env, double x) { napi_value v; napi_create_double(env, x, &v); return v; }
napi_value no(napi_env env, napi_callback_info) { napi_value v; napi_get_boolean(env, false, &v); return v; }
napi_value zero(napi_env env, napi_callback_info) { return number(env, 0); }
napi_value execute(napi_env env, napi_callback_info) {
  napi_value list, item;
  napi_create_array(env, &list);
  napi_create_object(env, &item);
  napi_set_named_property(env, item, "id", number(env, 0));
  napi_set_element(env, list, 0, item);
  return list;
}
napi_value data(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  for (int i = 0; i < 4; i++) napi_set_element(env, list, i, number(env, product(i)));
  return list;
}
void method(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value f;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &f);
  napi_set_named_property(env, exports, name, f);
}
}
NAPI_MODULE_INIT() {
  napi_value version;
  napi_create_string_utf8(env, TF_Version(), NAPI_AUTO_LENGTH, &version);
  napi_set_named_property(env, exports, "TF_Version", version);
  method(env, exports, "isUsingGpuDevice", no);
  method(env, exports, "createTensor", zero);
  method(env, exports, "executeOp", execute);
  method(env, exports, "tensorDataSync", data);
  return exports;
}
`

export const BACKEND = `#include "tensorflow/c/eager/c_api.h"
#include "tensorflow/c/c_api.h"
double product(int i) { return TF_Product(i); }
`

export const LIBRARY = `extern "C" const char* TF_Version() { return "2.99.0"; }
extern "C" double TF_Product(int i) { const double x[] = {19, 22, 43, 50}; return x[i]; }
`

/** A project with the package installed, without an addon. */
export const project = (root: string, backend = BACKEND, name = "@tensorflow/tfjs-node"): string => {
  const folder = join(root, "node_modules", name)
  write(join(folder, "package.json"), JSON.stringify({ name, version: "4.22.0" }))
  write(join(folder, "binding/tfjs_backend.cc"), backend)
  write(join(folder, "binding/tfjs_backend.h"), "double product(int i);\n")
  write(join(folder, "binding/tfjs_binding.cc"), BINDING)
  return folder
}

export const compiled = (target: string, source: string, ...flags: ReadonlyArray<string>): void => {
  write(`${target}.cc`, source)
  const { status, stderr } = spawnSync("c++", ["-shared", "-fPIC", `${target}.cc`, "-o", target, ...flags])
  assert.strictEqual(status, 0, String(stderr))
  rmSync(`${target}.cc`)
}

/**
 * TensorFlow and CUDA's libraries as pip installs them side by side: the library that opens the others by name says where
 * cuFFT is, but not where cuSOLVER is, which itself finds cuBLAS. Its version tells whether it found them.
 */
export const sitePackages = (root: string): string => {
  const cuda = (name: string, soname: string, ...flags: ReadonlyArray<string>): string => {
    const path = join(root, "nvidia", name, "lib", soname)
    compiled(path, "", `-Wl,-soname,${soname}`, ...flags)
    return path
  }
  cuda("cufft", "libcufft.so.11")
  const cublas = cuda("cublas", "libcublas.so.12")
  const needs = ["-Wl,--no-as-needed", cublas, "-Wl,-rpath,$ORIGIN/../../cublas/lib"]
  cuda("cusolver", "libcusolver.so.11", ...needs)
  const tensorflow = folder(join(root, "tensorflow"))
  const framework = join(tensorflow, "libtensorflow_framework.so.2")
  const opens = `#include <dlfcn.h>
extern "C" int found() { return dlopen("libcufft.so.11", RTLD_NOW) && dlopen("libcusolver.so.11", RTLD_NOW); }
`
  const soname = "-Wl,-soname,libtensorflow_framework.so.2"
  compiled(framework, opens, soname, "-Wl,-rpath,$ORIGIN/../nvidia/cufft/lib:$ORIGIN/../nvidia/cublas/lib")
  compiled(
    join(tensorflow, "libtensorflow_cc.so.2"),
    `extern "C" int found();
${LIBRARY.replace('return "2.99.0"', 'return found() ? "2.99.0" : "no CUDA"')}`,
    "-Wl,-soname,libtensorflow_cc.so.2",
    "-Wl,-rpath,$ORIGIN:$ORIGIN/../nvidia/cusolver/lib",
    framework
  )
  return tensorflow
}

/** An unpacked wheel. */
export const folder = (root: string, source = LIBRARY): string => {
  for (const header of Libtensorflow.headers) write(join(root, "include", header), "")
  write(join(root, "include/tensorflow/c/c_api.h"), `#include "tensorflow/c/c_api_more.h"\n`)
  write(join(root, "include/tensorflow/c/c_api_more.h"), C_API)
  write(join(root, "include/tensorflow/cc/never_included.h"), "")
  for (const [name, text] of [
    ["libtensorflow_cc.so.2", source],
    ["libtensorflow_framework.so.2", ""]
  ] as const) {
    compiled(join(root, name), text, `-Wl,-soname,${name}`)
  }
  return root
}

/** A zip archive of uncompressed files. */
export const zip = (files: Readonly<Record<string, Buffer | string>>): Buffer => {
  const locals: Array<Buffer> = []
  const centrals: Array<Buffer> = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, Buffer.from(name), data])
    const central = Buffer.alloc(46)
    central.write("PK\u0001\u0002", 0)
    central.writeUInt16LE(20, 4)
    common.copy(central, 6)
    central.writeUInt32LE(offset, 42)
    centrals.push(central, Buffer.from(name))
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(centrals)
  const end = Buffer.alloc(22)
  end.write("PK\u0005\u0006", 0)
  end.writeUInt16LE(locals.length, 8)
  end.writeUInt16LE(locals.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...locals, directory, end])
}

/** The platforms of wheels by machine. */
const tags: { readonly [machine: string]: string } = {
  "linux x64": "manylinux_2_27_x86_64",
  "linux arm64": "manylinux_2_27_aarch64",
  "darwin x64": "macosx_12_0_x86_64",
  "darwin arm64": "macosx_12_0_arm64"
}

export const METADATA = {
  "tensorflow-2.99.0.dist-info/WHEEL": `Wheel-Version: 1.0\nTag: cp311-cp311-${tags[`${process.platform} ${process.arch}`]}\n`
}

/** The wheel of a folder. */
export const packed = (
  path: string,
  from: string,
  metadata: Readonly<Record<string, string>> = METADATA
): string => {
  const names = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const files = names.map((name) => [`tensorflow/${name.slice(from.length + 1)}`, readFileSync(name)])
  write(path, zip({ ...metadata, ...Object.fromEntries(files) }))
  return path
}

export const quiet = (line: (text: string) => Effect.Effect<void> = () => Effect.void): Output.Shape => ({
  isLive: false,
  columns: 80,
  width: Number.POSITIVE_INFINITY,
  line,
  live: () => Effect.void,
  picture: () => Effect.void,
  written: Effect.void
})

/** Everything in a folder, by path. */
export const listing = (path: string): ReadonlyArray<string> =>
  existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
        .sort()
    : []
