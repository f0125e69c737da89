/**
 * What is done to a traced graph before an engine gets it. Every pass keeps every bit that the oracle computes from
 * the graph (the payload of a NaN excepted); an engine's own kernels may differ from the oracle's in the last place.
 */
import type { Engine } from "../Engine.ts"
import { Graph } from "../graph/index.ts"
import { broadcastOperands } from "./BroadcastOperands.ts"
import { commonSubexpressions } from "./CommonSubexpressions.ts"
import { constantFolding, materializeFills } from "./ConstantFolding.ts"
import { deadCode } from "./DeadCode.ts"
import { flattenProducts } from "./FlattenProducts.ts"
import { foldReductions } from "./FoldReductions.ts"
import { foldTransposes } from "./FoldTransposes.ts"
import { fuseElementwise } from "./FuseElementwise.ts"
import { fuseMatMul } from "./FuseMatMul.ts"
import { removeIdentities } from "./RemoveIdentities.ts"
import { simplifyArithmetic } from "./SimplifyArithmetic.ts"
import { sinkReshapes } from "./SinkReshapes.ts"

/** A pass: another graph that computes the same. */
export type Pass = (graph: Graph.Graph) => Graph.Graph

/** Passes that make work for each other, so they are repeated until nothing changes. */
export const rewrites = (oracle: Engine): ReadonlyArray<Pass> => [
  deadCode,
  removeIdentities,
  commonSubexpressions,
  (graph) => constantFolding(oracle, graph),
  simplifyArithmetic,
  broadcastOperands,
  foldTransposes,
  flattenProducts,
  foldReductions,
  sinkReshapes
]

/** Passes that make fewer, larger kernels, in this order, once. */
export const fusions: ReadonlyArray<Pass> = [materializeFills, fuseMatMul, fuseElementwise, deadCode]

const apply = (graph: Graph.Graph, passes: ReadonlyArray<Pass>): Graph.Graph =>
  passes.reduce((current, pass) => pass(current), graph)

const outline = (graph: Graph.Graph): string =>
  JSON.stringify([
    graph.nodes.map(({ attributes, inputs, kernel }) => [kernel, inputs, Graph.showAttribute(attributes)]),
    graph.results
  ])

const fixpoint = (passes: ReadonlyArray<Pass>, graph: Graph.Graph, rounds: number): Graph.Graph => {
  const next = deadCode(apply(graph, passes))
  return rounds === 0 || outline(next) === outline(graph) ? next : fixpoint(passes, next, rounds - 1)
}

/** The graph that an engine runs. `oracle` computes what depends on constants only: `TfjsEngine.cpu()`. */
export const simplify = (graph: Graph.Graph, oracle: Engine): Graph.Graph =>
  apply(fixpoint(rewrites(oracle), graph, 8), fusions)
