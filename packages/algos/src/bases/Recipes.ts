/** The algorithms that are DDPG with variants. */
import * as Exploration from "@ornstein/core/Exploration"
import * as Replay from "@ornstein/core/Replay"
import { Base, Papers } from "../family/index.ts"
import * as Recipe from "./Recipe.ts"

export const ddpg = Recipe.make("ddpg", {
  description: "deep deterministic policy gradient",
  source: Papers.lillicrap,
  departures: [
    "defaults are modern; Ddpg.paper has the paper's",
    "no batch normalisation; layer normalisation as an option",
    "the first steps are uniformly random"
  ],
  variants: [],
  defaults: Base.deterministic
})

export const td3 = Recipe.make("td3", {
  description: "ddpg with twinCritics, targetPolicySmoothing, delayedPolicy",
  source: Papers.fujimoto,
  departures: ["hidden widths and learning rates are DDPG's defaults"],
  variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }],
  defaults: Base.deterministic
})

export const d4pg = Recipe.make("d4pg", {
  description: "ddpg with categoricalCritic",
  source: Papers.barthMaron,
  departures: ["one actor, not many", "targets follow softly by default"],
  variants: [{ kind: "categoricalCritic" }],
  // The paper's appendix: noise of 0.3, priorities, returns over 5 steps.
  defaults: {
    exploration: Exploration.Options.make({ kind: "gaussian", sigma: 0.3 }),
    replay: Replay.Options.make({ kind: "prioritized", nStep: 5 }),
    training: {}
  }
})

export const sac = Recipe.make("sac", {
  description: "ddpg with softActor, twinCritics",
  source: Papers.haarnoja,
  departures: ["the critics' losses are without the paper's factor 1/2", "learning rates are 1e-3"],
  variants: [{ kind: "softActor" }, { kind: "twinCritics" }],
  defaults: Base.stochastic
})

export const tqc = Recipe.make("tqc", {
  description: "ddpg with softActor, quantileCritic",
  source: Papers.kuznetsov,
  departures: ["the critics have DDPG's widths", "learning rates are 1e-3"],
  variants: [{ kind: "softActor" }, { kind: "quantileCritic" }],
  defaults: Base.stochastic
})
