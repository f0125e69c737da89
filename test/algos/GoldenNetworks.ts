/** The networks that the golden files describe, and their parameters by our names. */
import type { Algorithm } from "@ornstein/algos"
import * as Network from "@ornstein/core/Network"
import * as Golden from "./Golden.ts"

// networks

export const dense = (layer: Golden.Layer): Network.Dense => ({
  name: layer.name,
  input: layer.in,
  output: layer.out,
  activation: layer.activation,
  initial: { kind: "fanIn" },
  layerNorm: layer.layer_norm
})

const all = (layers: ReadonlyArray<Golden.Layer> | undefined): ReadonlyArray<Network.Dense> =>
  (layers ?? []).map(dense)

export const actor = (description: Golden.NetworkDescription): Network.Actor => {
  const layers = all(description.layers)
  if (description.mean === undefined) return Network.fromLayers(layers)
  // Ours has one head, twice as wide.
  const head = { ...dense(description.mean), name: "head", output: 2 * description.mean.out }
  return Network.fromLayers([...layers, head])
}

export const critic = (description: Golden.NetworkDescription): Network.Critic => {
  switch (description.kind) {
    case "action-at-layer":
      return Network.actionAtLayer(all(description.layers), description.action_at ?? 0)
    case "two-branch":
      return Network.twoBranch({
        state: all(description.state_branch),
        action: all(description.action_branch),
        trunk: all(description.trunk)
      })
    default:
      return Network.concatenated(all(description.layers))
  }
}

/** The algorithm with the networks that the file describes. */
export const withNetworks = ({ networks }: Golden.Hyper): Algorithm.Variant => {
  const { actor: mu, critic: q } = networks
  if (mu === undefined || q === undefined) throw new RangeError("the file describes no actor or no critic")
  return (algorithm) => ({ ...algorithm, actor: () => actor(mu), critic: () => critic(q) })
}

// parameters

/** The columns of `[mean, log_std]` as the rows of one matrix. */
const joined = (mean: Golden.Numbers, logStd: Golden.Numbers): ReadonlyArray<number> => {
  const [left, right] = [Golden.flat(mean), Golden.flat(logStd)]
  const rows = typeof mean === "object" && "shape" in mean && mean.shape.length === 2 ? mean.shape[0]! : 1
  const width = left.length / rows
  return Array.from({ length: rows }, (_, row) => row * width).flatMap((at) => [
    ...left.slice(at, at + width),
    ...right.slice(at, at + width)
  ])
}

/** The file's numbers for one of our parameters: `actor.l0.w`, `critic.1.l0.b`. */
export const lookup = (
  tensors: Golden.Record<Golden.Numbers>,
  path: string
): ReadonlyArray<number> | undefined => {
  if (path.endsWith("temperature.coefficient.value")) {
    const logAlpha = tensors["log_alpha"]
    return logAlpha === undefined ? undefined : Golden.flat(logAlpha)
  }
  const [, prefix, member, rest] = /^(.*?critic)\.(\d+)\.(.*)$/.exec(path) ?? []
  const names =
    prefix === undefined ? [path] : [`${prefix}${Number(member) + 1}.${rest}`, `${prefix}.${rest}`]
  for (const name of names) {
    const found = tensors[name]
    if (found !== undefined) return Golden.flat(found)
  }
  const mean = tensors[path.replace(".head.", ".mean.")]
  const logStd = tensors[path.replace(".head.", ".log_std.")]
  return mean === undefined || logStd === undefined ? undefined : joined(mean, logStd)
}
