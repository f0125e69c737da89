/**
 * Turns a pure function on trees of tensors into a graph, by running it once under a recording backend of
 * TensorFlow.js. Derivatives (`tf.grad`, `tf.valueAndGrads`, ...) are taken while it runs, so that the forward pass,
 * the backward pass and the optimizer become one graph.
 *
 * The function runs twice and must do the same both times: it may use numbers of its own (they are constants of the
 * graph), but not draw them at random, not look at a tensor's numbers, and not keep tensors.
 */
import * as tf from "@tensorflow/tfjs-core"
import { Graph, NdArray, Tree } from "../graph/index.ts"
import "./Gradients.ts"
import * as Recorder from "./Recorder.ts"
import * as Site from "./Site.ts"
import { TraceError } from "./TraceError.ts"

// models

/** The tree `T` of shapes (or arrays), with tensors for leaves. */
export type Tensors<T> = Tree.Mapped<T, NdArray.Spec, tf.Tensor>

/** What can be traced. */
export interface Options<S, I> {
  /** For error messages. */
  readonly name: string
  /** Tensors of the state and of the inputs in; `[next state, outputs]` out. */
  readonly fn: (state: Tensors<S>, inputs: Tensors<I>) => unknown
  readonly state: S
  readonly inputs: I
}

/** A graph and the tree of its outputs, which holds their paths. */
export interface Traced {
  readonly graph: Graph.Graph
  readonly outputs: Tree.Tree<string>
}

// pure core

const isTensor = (u: unknown): u is tf.Tensor => u instanceof tf.Tensor

const show = ({ dtype, shape }: { readonly dtype: string; readonly shape: ReadonlyArray<number> }): string =>
  `${dtype}[${shape.join(", ")}]`

/** The next state and the outputs, if that is what a program returned. */
const pair = (program: string, returned: unknown) => {
  const refuse = (reason: string, fix: string) =>
    new TraceError({ program, reason, where: "the returned value", fix })
  if (returned instanceof Promise) {
    returned.catch(() => undefined)
    throw refuse("it is asynchronous", "A program must be a synchronous function.")
  }
  if (!Array.isArray(returned) || returned.length !== 2) {
    throw refuse("it does not return a pair", "Return [next state, outputs].")
  }
  const [state, outputs]: ReadonlyArray<unknown> = returned
  const trees = [state, outputs].filter((u) => Tree.isTree(u, isTensor))
  if (trees[0] === undefined || trees[1] === undefined) {
    throw refuse("it returns something that is not a tensor", "Return trees (arrays, records) of tensors.")
  }
  return { state: trees[0], outputs: trees[1] }
}

/** Refuses a next state that does not have the paths, shapes and element types of the state. */
const assertState = (
  program: string,
  before: ReadonlyArray<Tree.Entry<NdArray.Spec>>,
  after: ReadonlyArray<Tree.Entry<tf.Tensor>>
): void => {
  const found = new Map(after.map(({ path, leaf }) => [path, leaf]))
  const refuse = (path: string, reason: string) =>
    new TraceError({
      program,
      reason,
      where: `state ${path}`,
      fix: "Return the same tree of tensors as the state that came in."
    })
  for (const { path, leaf } of before) {
    const next = found.get(path)
    if (next === undefined) throw refuse(path, "the next state lacks a tensor")
    if (show(next) !== show(leaf)) throw refuse(path, `the next state is ${show(next)}, not ${show(leaf)}`)
  }
  const known = new Set(before.map(({ path }) => path))
  const extra = after.find(({ path }) => !known.has(path))
  if (extra !== undefined) throw refuse(extra.path, "the next state has a tensor that the state lacks")
}

/** Refuses a program that did something else the second time. */
const assertSame = (program: string, first: Graph.Graph, second: Graph.Graph): void => {
  const refuse = (reason: string, where: string) =>
    new TraceError({
      program,
      reason,
      where,
      fix: "A program must be a pure function: pass in as an input or keep in the state whatever changes."
    })
  const outline = ({ attributes, inputNames, inputs, kernel, outputs }: Graph.Node) =>
    JSON.stringify([kernel, inputs, inputNames, Graph.showAttribute(attributes), outputs])
  for (let i = 0; i < Math.max(first.nodes.length, second.nodes.length); i++) {
    const [a, b] = [first.nodes[i], second.nodes[i]]
    if (a !== undefined && b !== undefined && outline(a) === outline(b)) continue
    const what =
      a !== undefined && a.kernel === b?.kernel
        ? `gives ${a.kernel} other inputs or attributes`
        : `does something else (${a?.kernel ?? "nothing"}, then ${b?.kernel ?? "nothing"})`
    throw refuse(`it ${what} when it is run again`, a?.site ?? "the end of the first run")
  }
  first.constants.forEach((constant, i) => {
    const other = second.constants[i]
    if (other !== undefined && other.value === constant.value && NdArray.sameBits(constant.data, other.data))
      return
    const reader = first.nodes.find((node) => node.inputs.includes(constant.value))
    const spec = first.values[constant.value]
    throw refuse(
      "it makes other numbers when it is run again (random numbers, a counter, a clock): " +
        `the constant ${spec === undefined ? "" : show(spec)}`,
      reader === undefined ? "a result" : `${reader.kernel} (${reader.site})`
    )
  })
  if (JSON.stringify([first.values, first.results]) !== JSON.stringify([second.values, second.results])) {
    throw refuse("it returned something else when it was run again", "the returned tree")
  }
}

// the effect on TensorFlow.js

/** Runs `f` with the recorder as TensorFlow.js' backend, then puts the one before back. */
const withBackend = <A>(recorder: Recorder.Recorder, kernels: ReadonlyArray<string>, f: () => A): A => {
  const engine = tf.engine()
  const previous = engine.backendName
  tf.registerBackend(Recorder.backendName, () => recorder)
  for (const name of kernels) tf.registerKernel(recorder.kernel(name))
  // A backend whose factory is synchronous is set by the time the call returns.
  void tf.setBackend(Recorder.backendName)
  engine.startScope("trace")
  try {
    return Site.withDeepStacks(f)
  } catch (error) {
    // A gradient that throws leaves the tensors that it saved to nobody.
    for (const node of engine.state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose()
    engine.state.activeTape = []
    throw error
  } finally {
    engine.endScope()
    tf.removeBackend(Recorder.backendName)
    for (const name of kernels) tf.unregisterKernel(name, Recorder.backendName)
    if (previous) void tf.setBackend(previous)
  }
}

/** One run of `f` under a fresh recorder; refuses a program that leaves tensors or variables behind. */
const record = <A>(program: string, how: Recorder.Options, f: (recorder: Recorder.Recorder) => A): A => {
  const { registeredVariables, state, backendName } = tf.engine()
  const refuse = (reason: string, where: string, fix: string) =>
    new TraceError({ program, reason, where, fix })
  if (backendName === Recorder.backendName) {
    throw refuse("it is compiled inside another program", Site.current(), "Compile programs side by side.")
  }
  const cpu = new Map(tf.getKernelsForBackend("cpu").map((kernel) => [kernel.kernelName, kernel]))
  const recorder = new Recorder.Recorder(program, cpu, how)
  const tensors = state.numTensors
  const variables = new Set(Object.keys(registeredVariables))
  const [result, made] = withBackend(recorder, [...cpu.keys()], () => {
    const made = () => Object.keys(registeredVariables).filter((name) => !variables.has(name))
    try {
      return [f(recorder), made()[0]] as const
    } finally {
      for (const name of made()) registeredVariables[name]?.dispose()
    }
  })
  if (made !== undefined) {
    throw refuse("it makes a tf.Variable", made, "Keep it in the state: return the next value.")
  }
  if (state.numTensors !== tensors) {
    throw refuse("it keeps a tensor (tf.keep)", "an unknown line", "Return the tensor as an output.")
  }
  return result
}

/** Calls the user's function; what it throws by itself (a wrong shape, for example) comes out with its line. */
const call = (program: string, fn: () => unknown): unknown => {
  try {
    return fn()
  } catch (error) {
    if (error instanceof TraceError) throw error
    throw new TraceError({
      program,
      reason: `it throws: ${error instanceof Error ? error.message : String(error)}`,
      where: Site.ofError(error),
      fix: "The cause holds the stack.",
      cause: error
    })
  }
}

const once = <S, I>({ fn, inputs, name: program, state }: Options<S, I>, how: Recorder.Options): Traced =>
  record(program, how, (recorder) => {
    const stateTensors = Tree.map(state, NdArray.isSpec, (spec, path) =>
      recorder.parameter("state", path, spec)
    )
    const inputTensors = Tree.map(inputs, NdArray.isSpec, (spec, path) =>
      recorder.parameter("input", path, spec)
    )
    const ids = new Map(recorder.parameters.map(({ path, role, value }) => [`${role} ${path}`, value]))
    const returned = call(program, () => fn(stateTensors, inputTensors))
    recorder.assertAllowed()
    const next = pair(program, returned)
    const results = (role: Graph.Result["role"], tree: Tree.Tree<tf.Tensor>) =>
      Tree.entries(tree, isTensor).map(
        ({ path, leaf }): Graph.Result => ({ role, path, value: recorder.idOf(leaf) })
      )
    assertState(
      program,
      Tree.entries(Tree.from(state, NdArray.isSpec), NdArray.isSpec),
      Tree.entries(next.state, isTensor)
    )
    return {
      graph: recorder.graph([
        ...results("state", next.state).filter(({ path, value }) => ids.get(`state ${path}`) !== value),
        ...results("output", next.outputs)
      ]),
      outputs: Tree.replace(next.outputs, isTensor, (_, path) => path)
    }
  })

/**
 * The graph of `fn`, whose state and inputs have the given shapes. Throws a `TraceError` that names the tensor, or
 * the kernel and the user's line, of what cannot become a graph.
 *
 * @example
 * const { graph } = Trace.trace({ name: "double", fn: (s, x) => [s, x.mul(2)], state: [], inputs: NdArray.spec([3]) })
 */
export const trace = <S, I>(options: Options<S, I>): Traced => {
  const shapes = new Map<string, Recorder.Found>()
  const traced = once(options, { withSites: true, shapes })
  assertSame(options.name, traced.graph, once(options, { withSites: false, shapes }).graph)
  return traced
}
