/** A program with every kind of kernel, on arrays that are worth dividing among threads. */
import type { Engine } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as tf from "@tensorflow/tfjs-core"
import { Draw } from "./Draw.ts"

const inputs = {
  x: NdArray.spec([40, 33]),
  y: NdArray.spec([40, 33]),
  column: NdArray.spec([40, 1]),
  row: NdArray.spec([33]),
  stack: NdArray.spec([3, 40, 20]),
  ids: NdArray.spec([40], "int32"),
  mask: NdArray.spec([40, 33], "bool")
}

const everything = (given: { readonly [K in keyof typeof inputs]: tf.Tensor }): Array<tf.Tensor> => {
  const { column, ids, mask, row, stack, x, y } = given
  const square = tf.matMul(x, y, false, true)
  return [
    ...[tf.exp, tf.tanh, tf.sigmoid, tf.softplus, tf.relu, tf.elu, tf.sign].map((f) => f(x)),
    tf.log(tf.abs(x)),
    tf.pow(tf.abs(x), 1.5),
    tf.sub(tf.add(tf.mul(x, column), row), y),
    tf.where(mask, x, y),
    tf.logicalAnd(mask, tf.less(x, y)),
    ...[0, 1].flatMap((axis) => [
      tf.sum(x, axis),
      tf.mean(x, axis),
      tf.max(x, axis),
      tf.min(x, axis),
      tf.prod(x, axis)
    ]),
    ...[0, 1].flatMap((axis) => [tf.argMax(x, axis), tf.all(mask, axis), tf.cumsum(x, axis)]),
    ...[0, 1, 2].map((axis) => tf.sum(stack, axis)),
    tf.sum(stack, [0, 2]),
    tf.mean(x),
    square,
    tf.relu(tf.add(tf.matMul(x, y, true, false), row)),
    tf.matMul(tf.transpose(x), x),
    tf.tanh(tf.add(tf.matMul(square, x), row)),
    tf.matMul(stack, stack, false, true),
    tf.matMul(stack, stack, true, false),
    tf.softmax(x),
    tf.logSoftmax(x),
    ...[0, 1].flatMap((axis) => [tf.concat([x, y, x], axis), tf.stack([x, y], axis)]),
    ...tf.split(stack, 4, 1),
    ...tf.unstack(stack, 2).slice(0, 2),
    tf.slice(x, [3, 2], [30, 17]),
    tf.pad(
      x,
      [
        [1, 2],
        [0, 3]
      ],
      7
    ),
    tf.tile(x, [2, 3]),
    tf.transpose(stack, [2, 0, 1]),
    tf.gather(x, ids),
    tf.oneHot(tf.cast(ids, "int32"), 31),
    tf.grad((z: tf.Tensor) => tf.sum(tf.square(tf.gather(z, ids))))(x)
  ]
}

/** What it computes of drawn numbers, in the third call. */
export const results = (engine: Engine): ReadonlyArray<NdArray.Data> => {
  const compiled = Program.compile(engine, {
    state: {},
    programs: { all: { inputs, fn: (state, xs) => [state, everything(xs)] } }
  })
  const draw = new Draw(3)
  for (const { data, dtype } of Object.values(compiled.programs.all.inputs)) {
    for (let i = 0; i < data.length; i++) {
      data[i] = dtype === "float32" ? 4 * draw.unit() - 2 : draw.int(0, dtype === "bool" ? 1 : 30)
    }
  }
  for (let call = 0; call < 3; call++) compiled.programs.all.run()
  const results = compiled.programs.all.outputs.map(({ data }) => data.slice())
  compiled.dispose()
  return results
}
