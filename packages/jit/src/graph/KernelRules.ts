/**
 * What a kernel gives for its inputs and attributes, and whether it may have them at all: the strict form of what a
 * trace finds, for graphs that come from elsewhere. A rule knows every attribute of its kernel; one that it does not
 * know, or of another kind, is a fault.
 */
import type * as Graph from "./Graph.ts"
import * as Kernels from "./Kernels.ts"
import * as NdArray from "./NdArray.ts"
import * as Shape from "./Shape.ts"

// errors

/** Why a kernel cannot have these inputs or attributes. */
export class Fault extends Error {
  override readonly name = "Fault"
}

export const fail = (reason: string): never => {
  throw new Fault(reason)
}

export const must = (holds: boolean, reason: string): void => {
  if (!holds) fail(reason)
}

// attributes

/** The attributes of a node, each read once; `end` refuses those that nobody read. */
class Reader {
  readonly #attributes: Graph.Attributes
  readonly #read = new Set<string>()
  constructor(attributes: Graph.Attributes) {
    this.#attributes = attributes
  }
  get(name: string): Graph.Attribute {
    this.#read.add(name)
    return Object.hasOwn(this.#attributes, name) ? this.#attributes[name] : undefined
  }
  flag(name: string): boolean {
    const value = this.get(name)
    return typeof value === "boolean" ? value : fail(`"${name}" is not true or false`)
  }
  number(name: string): number {
    const value = this.get(name)
    return typeof value === "number" && !Number.isNaN(value) ? value : fail(`"${name}" is no number`)
  }
  whole(name: string, low: number, high: number): number {
    const value = this.number(name)
    must(Number.isInteger(value) && value >= low && value <= high, `"${name}" is not from ${low} to ${high}`)
    return value
  }
  wholes(name: string, low: number, high: number, count?: number): ReadonlyArray<number> {
    const value = this.get(name)
    const list: ReadonlyArray<Graph.Attribute> = Array.isArray(value) ? value : fail(`"${name}" is no list`)
    must(count === undefined || list.length === count, `"${name}" has not ${count} numbers`)
    return list.map((n) =>
      typeof n === "number" && Number.isInteger(n) && n >= low && n <= high
        ? n
        : fail(`"${name}" has a number that is not from ${low} to ${high}`)
    )
  }
  dtype(name: string): NdArray.DType {
    const value = this.get(name)
    return typeof value === "string" && NdArray.isDType(value) ? value : fail(`"${name}" is no element type`)
  }
  end(): void {
    const unknown = Object.entries(this.#attributes).find(
      ([name, value]) => value !== undefined && !this.#read.has(name)
    )
    if (unknown !== undefined) fail(`it has no attribute "${unknown[0].slice(0, 40)}"`)
  }
}

/** An axis, which may be counted from the last one with negative numbers. */
const axis = (attributes: Reader, name: string, rank: number): number => {
  const given = attributes.whole(name, -rank, rank - 1)
  return given < 0 ? given + rank : given
}

// pure core

type Specs = ReadonlyArray<NdArray.Spec>
type Rule = (inputs: Specs, attributes: Reader) => Specs

/** More than any size here; what is more is refused by the limits of a graph. */
const MANY = 2 ** 31 - 1

/** The most outputs that one kernel can have. */
const MOST_OUTPUTS = 4096

const at = (inputs: Specs, i: number): NdArray.Spec => inputs[i] ?? fail(`it lacks input ${i}`)

const last = (shape: Shape.Shape, back: number): number =>
  shape[shape.length - back] ?? fail("its input has too few axes")

const one = (shape: Shape.Shape, dtype: NdArray.DType): Specs => [{ shape, dtype }]

const broadcast = (shapes: ReadonlyArray<Shape.Shape>): Shape.Shape => {
  try {
    return Shape.broadcast(shapes)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
}

const only = (specs: Specs, ...allowed: ReadonlyArray<NdArray.DType>): void => {
  for (const { dtype } of specs)
    must(allowed.includes(dtype), `its input is ${dtype}, not ${allowed.join(" or ")}`)
}

const alike = (specs: Specs): void => {
  for (const { dtype } of specs) must(dtype === specs[0]?.dtype, "its inputs have different element types")
}

/** The attributes of elementwise kernels: numbers. */
const scalars: { readonly [kernel: string]: ReadonlyArray<string> } = {
  ClipByValue: ["clipValueMin", "clipValueMax"],
  LeakyRelu: ["alpha"],
  Step: ["alpha"]
}

const logical = new Set(["LogicalAnd", "LogicalOr", "LogicalNot"])

/** Of those that keep the element type: where it may be any. */
const anyType = new Set(["ZerosLike", "OnesLike"])

const elementwise =
  ({ dtype, name }: Kernels.Kernel): Rule =>
  (inputs, attributes) => {
    for (const scalar of scalars[name] ?? []) attributes.number(scalar)
    const shape = broadcast(inputs.map((spec) => spec.shape))
    if (name === "Cast") return one(shape, attributes.dtype("dtype"))
    if (name === "Select") {
      const [condition, ...values] = inputs
      only(condition === undefined ? [] : [condition], "bool")
      alike(values)
      return one(shape, at(values, 0).dtype)
    }
    alike(inputs)
    if (logical.has(name)) only(inputs, "bool")
    else if (dtype === "float32") only(inputs, "float32")
    else if (!anyType.has(name)) only(inputs, "float32", "int32")
    return one(shape, dtype === "same" ? at(inputs, 0).dtype : dtype)
  }

const product: Rule = (inputs, attributes) => {
  const [a, b] = [at(inputs, 0), at(inputs, 1)]
  only(inputs, "float32")
  const [transposeA, transposeB] = [attributes.flag("transposeA"), attributes.flag("transposeB")]
  const [rows, inner] = transposeA
    ? [last(a.shape, 1), last(a.shape, 2)]
    : [last(a.shape, 2), last(a.shape, 1)]
  const [same, columns] = transposeB
    ? [last(b.shape, 1), last(b.shape, 2)]
    : [last(b.shape, 2), last(b.shape, 1)]
  must(inner === same, `the inner sizes of its product are ${inner} and ${same}`)
  return one([...broadcast([a.shape.slice(0, -2), b.shape.slice(0, -2)]), rows, columns], "float32")
}

/** The axes that a reduction removes, all of them where none is named. */
const reduced = (attributes: Reader, rank: number): ReadonlySet<number> => {
  const names = ["axis", "reductionIndices"].filter((name) => attributes.get(name) !== undefined)
  const [name] = names
  must(names.length < 2, "it names its axes twice")
  if (name === undefined || attributes.get(name) === null)
    return new Set(Array.from({ length: rank }, (_, i) => i))
  if (typeof attributes.get(name) === "number") return new Set([axis(attributes, name, rank)])
  const axes = attributes.wholes(name, -rank, rank - 1).map((n) => (n < 0 ? n + rank : n))
  must(new Set(axes).size === axes.length, "it names an axis twice")
  return new Set(axes)
}

const reduction: Rule = (inputs, attributes) => {
  const { dtype, shape } = at(inputs, 0)
  const axes = reduced(attributes, shape.length)
  const kept = attributes.flag("keepDims")
    ? shape.map((n, i) => (axes.has(i) ? 1 : n))
    : shape.filter((_, i) => !axes.has(i))
  return one(kept, dtype)
}

const numeric: Rule = (inputs, attributes) => {
  only(inputs, "float32", "int32")
  return reduction(inputs, attributes)
}

const truths: Rule = (inputs, attributes) => {
  only(inputs, "bool")
  return reduction(inputs, attributes)
}

const place: Rule = (inputs, attributes) => {
  only(inputs, "float32")
  const { shape } = at(inputs, 0)
  const along = axis(attributes, "axis", shape.length)
  must((shape[along] ?? 0) > 0, "it looks for a place in an empty axis")
  return one(
    shape.filter((_, i) => i !== along),
    "int32"
  )
}

const scan: Rule = (inputs, attributes) => {
  const { dtype, shape } = at(inputs, 0)
  only(inputs, "float32")
  axis(attributes, "axis", shape.length)
  attributes.flag("exclusive")
  attributes.flag("reverse")
  return one(shape, dtype)
}

/** The sizes of the parts that an axis is cut into. */
const parts = (attributes: Reader, length: number): ReadonlyArray<number> => {
  const name = "numOrSizeSplits"
  if (typeof attributes.get(name) !== "number") return attributes.wholes(name, 0, MANY)
  const count = attributes.whole(name, 1, Math.max(1, length))
  must(length % count === 0, `an axis of ${length} has not ${count} equal parts`)
  return Array.from({ length: count }, () => length / count)
}

const replaced = (shape: Shape.Shape, along: number, size: number): Shape.Shape =>
  shape.map((n, i) => (i === along ? size : n))

const rules: { readonly [kernel: string]: Rule } = {
  BatchMatMul: product,
  Sum: numeric,
  Mean: numeric,
  Prod: numeric,
  Max: numeric,
  Min: numeric,
  All: truths,
  Any: truths,
  ArgMax: place,
  ArgMin: place,
  Softmax: (inputs, attributes) => {
    const { shape } = at(inputs, 0)
    only(inputs, "float32")
    axis(attributes, "dim", shape.length)
    return one(shape, "float32")
  },
  Cumsum: scan,
  Cumprod: scan,
  Identity: (inputs) => [at(inputs, 0)],
  Reshape: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const given = attributes.wholes("shape", -1, MANY)
    // One size may be left to be found.
    const known = NdArray.size(given.filter((n) => n !== -1))
    const found = known === 0 ? 0 : NdArray.size(shape) / known
    const next = given.map((n) => (n === -1 ? found : n))
    must(given.filter((n) => n === -1).length < 2, `"shape" leaves two sizes open`)
    must(
      Number.isInteger(found) && NdArray.size(next) === NdArray.size(shape),
      "it changes the number of elements"
    )
    return one(next, dtype)
  },
  ExpandDims: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const given = attributes.whole("dim", -shape.length - 1, shape.length)
    return one(shape.toSpliced(given < 0 ? given + shape.length + 1 : given, 0, 1), dtype)
  },
  Transpose: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const perm = attributes.wholes("perm", 0, shape.length - 1, shape.length)
    must(new Set(perm).size === perm.length, "it names an axis twice")
    return one(
      perm.map((i) => shape[i] ?? 0),
      dtype
    )
  },
  Slice: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const begin = attributes.wholes("begin", 0, MANY, shape.length)
    const given = attributes.wholes("size", -1, MANY, shape.length)
    const size = given.map((n, i) => (n === -1 ? (shape[i] ?? 0) - (begin[i] ?? 0) : n))
    must(
      size.every((n, i) => n >= 0 && (begin[i] ?? 0) + n <= (shape[i] ?? 0)),
      "its piece lies outside its input"
    )
    return one(size, dtype)
  },
  SplitV: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const along = axis(attributes, "axis", shape.length)
    const length = shape[along] ?? 0
    const sizes = parts(attributes, length)
    must(sizes.reduce((sum, n) => sum + n, 0) === length, "its parts are not the whole")
    return sizes.map((size) => ({ dtype, shape: replaced(shape, along, size) }))
  },
  Tile: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const reps = attributes.wholes("reps", 1, MANY, shape.length)
    return one(
      shape.map((n, i) => n * (reps[i] ?? 1)),
      dtype
    )
  },
  PadV2: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    only(inputs, "float32", "int32")
    attributes.number("constantValue")
    const paddings = attributes.get("paddings")
    const pairs: ReadonlyArray<Graph.Attribute> = Array.isArray(paddings)
      ? paddings
      : fail(`"paddings" is no list`)
    must(pairs.length === shape.length, `"paddings" has not ${shape.length} pairs`)
    const padded = pairs.map((pair, i) => {
      const [before, after] = new Reader({ pair }).wholes("pair", 0, MANY, 2)
      return (before ?? 0) + (shape[i] ?? 0) + (after ?? 0)
    })
    return one(padded, dtype)
  },
  Unpack: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const along = axis(attributes, "axis", shape.length)
    const rest = shape.filter((_, i) => i !== along)
    must((shape[along] ?? 0) <= MOST_OUTPUTS, "it has too many outputs")
    return Array.from({ length: shape[along] ?? 0 }, () => ({ dtype, shape: rest }))
  },
  Concat: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    const along = axis(attributes, "axis", shape.length)
    alike(inputs)
    for (const other of inputs) {
      const fits = Shape.equals(replaced(other.shape, along, 0), replaced(shape, along, 0))
      must(fits, "its inputs differ in another axis than the one that they are joined along")
    }
    const size = inputs.reduce((sum, other) => sum + (other.shape[along] ?? 0), 0)
    return one(replaced(shape, along, size), dtype)
  },
  Pack: (inputs, attributes) => {
    const { dtype, shape } = at(inputs, 0)
    alike(inputs)
    for (const other of inputs) must(Shape.equals(other.shape, shape), "its inputs have different shapes")
    return one(shape.toSpliced(axis(attributes, "axis", shape.length + 1), 0, inputs.length), dtype)
  },
  GatherV2: (inputs, attributes) => {
    const [x, indices] = [at(inputs, 0), at(inputs, 1)]
    only([indices], "int32")
    const along = axis(attributes, "axis", x.shape.length)
    must(attributes.whole("batchDims", 0, 0) === 0, "it gathers batch by batch")
    return one(x.shape.toSpliced(along, 1, ...indices.shape), x.dtype)
  },
  UnsortedSegmentSum: (inputs, attributes) => {
    const [x, ids] = [at(inputs, 0), at(inputs, 1)]
    only([x], "float32")
    only([ids], "int32")
    must(ids.shape.length === 1 && ids.shape[0] === x.shape[0], "it has not one segment for each row")
    return one([attributes.whole("numSegments", 0, MANY), ...x.shape.slice(1)], "float32")
  },
  OneHot: (inputs, attributes) => {
    const { shape } = at(inputs, 0)
    only(inputs, "int32")
    attributes.number("onValue")
    attributes.number("offValue")
    return one([...shape, attributes.whole("depth", 1, MANY)], attributes.dtype("dtype"))
  },
  Fill: (_, attributes) => {
    attributes.number("value")
    return one(attributes.wholes("shape", 0, MANY), attributes.dtype("dtype"))
  }
}

/** Are the inputs named as the kernel names them? */
const isNamed = ({ inputs }: Kernels.Kernel, names: ReadonlyArray<string>): boolean =>
  inputs === "list"
    ? names.length > 0 && names.every((name, i) => name === String(i))
    : names.length === inputs.length && names.every((name, i) => name === inputs[i])

/**
 * What the kernel gives, or a `Fault`, thrown, that says why it cannot have these inputs and attributes.
 *
 * ```ts
 * KernelRules.outputs("Reshape", ["x"], [NdArray.spec([2, 3])], { shape: [6] }) // [float32[6]]
 * ```
 */
export const outputs = (
  name: string,
  inputNames: ReadonlyArray<string>,
  inputs: Specs,
  attributes: Graph.Attributes
): Specs => {
  const kernel = Kernels.find(name)
  if (kernel === undefined) return fail("there is no such kernel")
  const rule = kernel.kind === "elementwise" ? elementwise(kernel) : rules[name]
  if (rule === undefined) return fail("it does not stand in a graph as it was traced")
  must(isNamed(kernel, inputNames) && inputNames.length === inputs.length, "its inputs have other names")
  const reader = new Reader(attributes)
  const found = rule(inputs, reader)
  reader.end()
  return found
}
