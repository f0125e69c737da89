/** Events to tell sinks of. */
import type * as Event from "@ornstein/lab/Event"

/** A run of 1,000 steps begins. */
export const started: Event.Started = {
  _tag: "Started",
  format: 1,
  run: "runs/a",
  name: "a",
  algorithm: "DDPG",
  environment: { id: "Pendulum-v1", description: "Swing up" },
  engine: "wasm",
  seed: 7,
  steps: 1000,
  updatesPerStep: 1,
  from: 0,
  updates: 0,
  versions: {}
}

export interface Report {
  readonly step: number
  readonly seconds?: number
  readonly updates?: number
  readonly returns?: ReadonlyArray<number>
  readonly metrics?: { readonly [name: string]: number }
}

/** A slice has ended. */
export const sliceEnded = ({
  metrics = {},
  returns = [],
  seconds = 0,
  step,
  updates = 0
}: Report): Event.SliceEnded => ({
  _tag: "SliceEnded",
  slice: {
    step,
    updates,
    episodes: returns.map((sum) => ({ step, return: sum, length: 10 })),
    exploration: 0.125,
    metrics,
    chain: ""
  },
  pace: { seconds, stepsPerSecond: 0 }
})
