/** How TensorFlow computes each kernel of the table: a node of a graph in, operations of TensorFlow out. */
import { EngineError } from "../../Engine.ts"
import { Attributes, Graph, Kernels, NdArray, Shape } from "../../graph/index.ts"
import * as ElementwiseRules from "./ElementwiseRules.ts"
import * as GraphDef from "./GraphDef.ts"
import { HOST, type Tensor, type Writer } from "./Writer.ts"

// errors

/** Throws an `EngineError` that names the kernel and the line of user code that asked for it. */
const refuse = (node: Graph.Node, why: string): never => {
  throw new EngineError({
    engine: "tensorflow",
    reason: `kernel ${node.kernel} at ${node.site}: ${why}`,
    fix: "Express it with supported kernels, or run it on the engine wasm"
  })
}

// models

interface Context {
  readonly writer: Writer
  readonly node: Graph.Node
  readonly input: (i: number) => Tensor
  readonly inputs: ReadonlyArray<Tensor>
  readonly output: NdArray.Spec
  readonly outputs: ReadonlyArray<NdArray.Spec>
}

type Rule = (context: Context) => Tensor | ReadonlyArray<Tensor>

// elementwise

const isZeroStep = (step: Graph.Step | undefined): step is Graph.Step =>
  step?.kernel === "Step" && Attributes.number(step, "alpha", 0) === 0

/** One step of a fused loop, from the tensors of the steps before it. */
const loopStep = (
  { inputs, node, writer }: Context,
  steps: ReadonlyArray<Graph.Step>,
  made: ReadonlyArray<Tensor>,
  step: Graph.Step
): Tensor => {
  const tensorOf = (operand: Graph.Step["operands"][number]): Tensor =>
    ("input" in operand ? inputs[operand.input] : made[operand.step]) ??
    refuse(node, "it reads what is not there")
  const operands = step.operands.map(tensorOf)
  if (step.kernel === "Multiply") {
    for (const [i, operand] of step.operands.entries()) {
      const mask = "step" in operand ? steps[operand.step] : undefined
      const dy = operands.find((_, k) => k !== i)
      if (!isZeroStep(mask) || dy === undefined) continue
      const [x] = mask.operands.map(tensorOf)
      if (x?.dtype === "float32" && Shape.equals(x.shape, dy.shape))
        return ElementwiseRules.reluGrad(writer, dy, x)
    }
  }
  const rule = ElementwiseRules.find(step.kernel) ?? refuse(node, `${step.kernel} is not elementwise`)
  return rule(writer, operands, step)
}

const loop: Rule = (context) => {
  const { outputs, steps } = Graph.elementwise(context.node)
  const made: Array<Tensor> = []
  for (const step of steps) made.push(loopStep(context, steps, made, step))
  return outputs.map((step) => made[step] ?? refuse(context.node, "an output is not among its steps"))
}

// products

/** A product of two matrices, or of stacks of them. */
const product = ({ input, node, writer }: Context, spec: NdArray.Spec): Tensor => {
  const [a, b] = [input(0), input(1)]
  const [left, right] = [Attributes.flag(node, "transposeA"), Attributes.flag(node, "transposeB")].map(
    GraphDef.flag
  )
  if (left === undefined || right === undefined) return refuse(node, "it has no orientation")
  return a.shape.length === 2 && b.shape.length === 2
    ? writer.uniform("MatMul", [a, b], spec, { transpose_a: left, transpose_b: right })
    : writer.uniform("BatchMatMulV2", [a, b], spec, { adj_x: left, adj_y: right })
}

/** Activations that TensorFlow's own fused product has on a CPU in every version from 2.9. */
const fusedActivations: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["linear", []],
  ["relu", ["Relu"]],
  ["relu6", ["Relu6"]],
  ["elu", ["Elu"]]
])

/** On a GPU it is written in parts: there TensorFlow's own passes know what its library can fuse. */
const fusedProduct: Rule = (context) => {
  const { input, inputs, node, output, writer } = context
  const [a, b, bias] = [input(0), input(1), inputs[2]]
  const given = node.attributes["activation"]
  const name = typeof given === "string" ? given : "linear"
  const isBias = bias?.shape.length === 1 && bias.shape[0] === output.shape.at(-1)
  const inOne = fusedActivations.get(name)
  const isWhole = writer.device === HOST && isBias && a.shape.length === 2 && b.shape.length === 2
  if (isWhole && bias !== undefined) {
    const sum = writer.uniform("_FusedMatMul", [a, b, bias], output, {
      transpose_a: GraphDef.flag(Attributes.flag(node, "transposeA")),
      transpose_b: GraphDef.flag(Attributes.flag(node, "transposeB")),
      num_args: GraphDef.int(1),
      fused_ops: GraphDef.texts(["BiasAdd", ...(inOne ?? [])])
    })
    if (inOne !== undefined) return sum
    return activated(context, name, sum)
  }
  const plain = product(context, output)
  const sum = bias === undefined ? plain : writer.uniform(isBias ? "BiasAdd" : "AddV2", [plain, bias], output)
  return name === "linear" ? sum : activated(context, name, sum)
}

const activated = ({ node, output, writer }: Context, name: string, x: Tensor): Tensor => {
  const kernel = Kernels.activations.get(name) ?? refuse(node, `the activation ${name} is not supported`)
  return writer.uniform(kernel, [x], output)
}

// reductions and scans

const reduction =
  (op: string): Rule =>
  ({ input, node, output, writer }) => {
    const x = ElementwiseRules.cast(writer, input(0), output.dtype)
    const axes = writer.ints(Attributes.reducedAxes(node, x.shape.length))
    const keep_dims = GraphDef.flag(Attributes.flag(node, "keepDims"))
    const type = op === "All" || op === "Any" ? {} : { T: GraphDef.type(x.dtype) }
    return writer.tensor(op, [x, axes], { ...type, keep_dims, Tidx: GraphDef.type("int32") }, output)
  }

const place =
  (op: string): Rule =>
  ({ input, node, output, writer }) => {
    const x = input(0)
    const [axis = 0] = Attributes.reducedAxes(node, x.shape.length)
    return writer.uniform(op, [x, writer.int(axis)], output, {
      Tidx: GraphDef.type("int32"),
      output_type: GraphDef.type("int32")
    })
  }

const scan =
  (op: string): Rule =>
  ({ input, node, output, writer }) =>
    writer.uniform(op, [input(0), writer.int(Attributes.number(node, "axis", 0))], output, {
      exclusive: GraphDef.flag(Attributes.flag(node, "exclusive")),
      reverse: GraphDef.flag(Attributes.flag(node, "reverse")),
      Tidx: GraphDef.type("int32")
    })

const softmax: Rule = ({ input, output, writer }) =>
  writer.uniform("Softmax", [ElementwiseRules.cast(writer, input(0), "float32")], output)

// views and movement

const reshape: Rule = ({ input, output, writer }) =>
  writer.uniform("Reshape", [input(0), writer.ints(output.shape)], output, { Tshape: GraphDef.type("int32") })

const transpose: Rule = ({ input, node, output, writer }) =>
  writer.uniform("Transpose", [input(0), writer.ints(Attributes.numbers(node.attributes["perm"]))], output, {
    Tperm: GraphDef.type("int32")
  })

const slice: Rule = ({ input, node, output, writer }) => {
  const begin = writer.ints(Attributes.numbers(node.attributes["begin"]))
  return writer.uniform("Slice", [input(0), begin, writer.ints(output.shape)], output, {
    Index: GraphDef.type("int32")
  })
}

/** The tensors of a node with several outputs. */
const several = ({ outputs }: Context, name: string): ReadonlyArray<Tensor> =>
  outputs.map((output, i) => ({ ...output, ref: i === 0 ? name : `${name}:${i}` }))

const splitV: Rule = (context) => {
  const { input, node, outputs, writer } = context
  const x = input(0)
  const axis = Attributes.axisOf(Attributes.number(node, "axis", 0), x.shape.length)
  const sizes = writer.ints(outputs.map(({ shape }) => shape[axis] ?? 0))
  const name = writer.node("SplitV", [x.ref, sizes.ref, writer.int(axis).ref], {
    T: GraphDef.type(x.dtype),
    Tlen: GraphDef.type("int32"),
    num_split: GraphDef.int(outputs.length)
  })
  return several(context, name)
}

const unpack: Rule = (context) => {
  const { input, node, outputs, writer } = context
  const x = input(0)
  const name = writer.node("Unpack", [x.ref], {
    T: GraphDef.type(x.dtype),
    num: GraphDef.int(outputs.length),
    axis: GraphDef.int(Attributes.number(node, "axis", 0))
  })
  return several(context, name)
}

const tile: Rule = ({ input, node, output, writer }) =>
  writer.uniform("Tile", [input(0), writer.ints(Attributes.numbers(node.attributes["reps"]))], output, {
    Tmultiples: GraphDef.type("int32")
  })

const pad: Rule = ({ input, node, output, writer }) => {
  const x = input(0)
  const { paddings } = node.attributes
  const pairs = Array.isArray(paddings) ? paddings.flatMap(Attributes.numbers) : []
  const widths = writer.constant({
    dtype: "int32",
    shape: [x.shape.length, 2],
    data: Int32Array.from(pairs)
  })
  const value = writer.constant(filled({ dtype: x.dtype, shape: [] }, node, "constantValue"))
  return writer.uniform("PadV2", [x, widths, value], output, { Tpaddings: GraphDef.type("int32") })
}

const concat: Rule = ({ inputs, node, output, writer }) =>
  writer.uniform("ConcatV2", [...inputs, writer.int(Attributes.number(node, "axis", 0))], output, {
    N: GraphDef.int(inputs.length),
    Tidx: GraphDef.type("int32")
  })

const pack: Rule = ({ inputs, node, output, writer }) =>
  writer.uniform("Pack", inputs, output, {
    N: GraphDef.int(inputs.length),
    axis: GraphDef.int(Attributes.number(node, "axis", 0))
  })

// indexing and creation

const gather: Rule = ({ input, node, output, writer }) => {
  const [x, indices] = [input(0), input(1)]
  const axis = writer.int(Attributes.number(node, "axis", 0))
  return writer.tensor(
    "GatherV2",
    [x, indices, axis],
    {
      Tparams: GraphDef.type(x.dtype),
      Tindices: GraphDef.type("int32"),
      Taxis: GraphDef.type("int32"),
      batch_dims: GraphDef.int(Attributes.number(node, "batchDims", 0))
    },
    output
  )
}

const segmentSum: Rule = ({ input, node, output, writer }) =>
  writer.uniform(
    "UnsortedSegmentSum",
    [input(0), input(1), writer.int(Attributes.number(node, "numSegments", 0))],
    output,
    { Tindices: GraphDef.type("int32"), Tnumsegments: GraphDef.type("int32") }
  )

/** An array of one number, which an attribute gives. */
const filled = ({ dtype, shape }: NdArray.Spec, node: Graph.Node, name: string, otherwise = 0) => {
  const given = node.attributes[name]
  const value = typeof given === "boolean" ? Number(given) : Attributes.number(node, name, otherwise)
  return { dtype, shape, data: NdArray.allocate(dtype, NdArray.size(shape)).fill(value) }
}

const oneHot: Rule = ({ input, node, output, writer }) => {
  const spec = { dtype: output.dtype, shape: [] }
  return writer.tensor(
    "OneHot",
    [
      input(0),
      writer.int(Attributes.number(node, "depth", 0)),
      writer.constant(filled(spec, node, "onValue", 1)),
      writer.constant(filled(spec, node, "offValue", 0))
    ],
    { T: GraphDef.type(output.dtype), TI: GraphDef.type("int32"), axis: GraphDef.int(-1) },
    output
  )
}

const fill: Rule = ({ node, output, writer }) => writer.constant(filled(output, node, "value"))

// the table

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["FusedElementwise", loop],
  ["BatchMatMul", (context) => product(context, context.output)],
  ["_FusedMatMul", fusedProduct],
  ...["Sum", "Mean", "Prod", "Max", "Min", "All", "Any"].map((op): [string, Rule] => [op, reduction(op)]),
  ["ArgMax", place("ArgMax")],
  ["ArgMin", place("ArgMin")],
  ["Cumsum", scan("Cumsum")],
  ["Cumprod", scan("Cumprod")],
  ["Softmax", softmax],
  ["Identity", ({ input }) => input(0)],
  ["Reshape", reshape],
  ["ExpandDims", reshape],
  ["Transpose", transpose],
  ["Slice", slice],
  ["SplitV", splitV],
  ["Unpack", unpack],
  ["Tile", tile],
  ["PadV2", pad],
  ["Concat", concat],
  ["Pack", pack],
  ["GatherV2", gather],
  ["UnsortedSegmentSum", segmentSum],
  ["OneHot", oneHot],
  ["Fill", fill]
])

/** Writes a node; gives its outputs. Throws an `EngineError` for a kernel that this engine lacks. */
export const write = (
  writer: Writer,
  node: Graph.Node,
  inputs: ReadonlyArray<Tensor>,
  outputs: ReadonlyArray<NdArray.Spec>
): ReadonlyArray<Tensor> => {
  const [output] = outputs
  if (output === undefined) return []
  const input = (i: number): Tensor => inputs[i] ?? refuse(node, `it has no input ${i}`)
  const context: Context = { writer, node, input, inputs, output, outputs }
  const elementwise = ElementwiseRules.find(node.kernel)
  if (elementwise !== undefined) return [elementwise(writer, inputs, { ...node, dtype: output.dtype })]
  const rule = rules.get(node.kernel) ?? refuse(node, "this engine lacks it")
  const made = rule(context)
  return "ref" in made ? [made] : made
}
