/**
 * Runs in a process of its own, because a library that does not fit may end it: loads the addon whose path is the
 * argument, multiplies two matrices with it, and prints what it found as one line of JSON. TensorFlow's own remarks go
 * to standard error.
 */
import { createRequire } from "node:module"
import process from "node:process"

/** What is used of the functions that an addon of TensorFlow.js exports. */
interface Binding {
  readonly TF_Version: string
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_FLOAT: number
  readonly isUsingGpuDevice: () => boolean
  readonly createTensor: (shape: ReadonlyArray<number>, type: number, values: Float32Array) => number
  readonly executeOp: (
    name: string,
    attributes: ReadonlyArray<{ readonly name: string; readonly type: number; readonly value: unknown }>,
    inputs: ReadonlyArray<number>,
    outputs: number
  ) => ReadonlyArray<{ readonly id: number }>
  readonly tensorDataSync: (id: number) => Float32Array
}

const path = process.argv[2] ?? ""
const addon: Binding = createRequire(import.meta.url)(path)

const matrix = (...values: ReadonlyArray<number>): number =>
  addon.createTensor([2, 2], addon.TF_FLOAT, Float32Array.from(values))

const product = addon.executeOp(
  "MatMul",
  [
    { name: "transpose_a", type: addon.TF_ATTR_BOOL, value: false },
    { name: "transpose_b", type: addon.TF_ATTR_BOOL, value: false },
    { name: "T", type: addon.TF_ATTR_TYPE, value: addon.TF_FLOAT }
  ],
  [matrix(1, 2, 3, 4), matrix(5, 6, 7, 8)],
  1
)

const found = {
  tensorflow: addon.TF_Version,
  isGpu: addon.isUsingGpuDevice(),
  product: product.flatMap(({ id }) => Array.from(addon.tensorDataSync(id)))
}
process.stdout.write(`${JSON.stringify(found)}\n`)
