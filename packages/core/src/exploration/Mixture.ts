/** Uniform actions now and then: the option that all kinds of exploration have, the decorator, and what it requires. */
import * as Layer from "effect/Layer"
import { Field, type Part } from "../config/index.ts"
import { Key, Streams } from "../random/index.ts"
import * as Ramp from "../ramp/Ramp.ts"
import { Exploration } from "./Contract.ts"

// options

/** What a part's options are besides those of its layer. */
export const fields = {
  epsilon: Ramp.ramp(Ramp.unitInterval)
    .annotate({
      description: "share of steps whose action is uniformly random instead: a number, or a ramp over steps"
    })
    .pipe(Field.withDefault(0))
}

interface Options {
  readonly kind: string
  readonly epsilon: Ramp.Ramp
}

/** On-policy learners draw their actions themselves: nothing can be added to them. */
export const isAdded: Part.Requirement<Options> = {
  at: "",
  reads: ["algorithm.base"],
  check: ({ epsilon, kind }, { learner }) =>
    learner.isOnPolicy && (kind !== "none" || epsilon !== 0)
      ? `expected "none": ${learner.base} draws its actions, and there is nothing between two of them`
      : undefined
}

// decorators

/** Now and then, in a share `epsilon` of the steps, an action uniform on [-1, 1] instead of the policy's. */
export const mixture =
  (epsilon: Ramp.Ramp) =>
  <E, R>(self: Layer.Layer<Exploration, E, R>): Layer.Layer<Exploration, E, R> => {
    const share = Field.make("mixture", Ramp.ramp(Ramp.unitInterval), epsilon)
    return Layer.effect(
      Exploration,
      Exploration.useSync(({ make, name, ...rest }) => ({
        ...rest,
        name: `${name}, mixed`,
        make: (key, dimensions, place) => {
          const inner = make(key, dimensions, place)
          const mixtureKey = Streams.of(key, "mixture")
          return {
            ...inner,
            perturb: (action, step) => {
              inner.perturb(action, step)
              const now = Key.fold(mixtureKey, step)
              if (Key.uniform(now, 0) >= Ramp.at(share, step)) return
              for (let i = 0; i < action.length; i++) action[i] = 2 * Key.uniform(now, i + 1) - 1
            }
          }
        }
      }))
    ).pipe(Layer.provide(self))
  }

/** The exploration of a configuration's options, mixed where they say so. */
export const apply = <E, R>(
  { epsilon }: Pick<Options, "epsilon">,
  self: Layer.Layer<Exploration, E, R>
): Layer.Layer<Exploration, E, R> => (epsilon === 0 ? self : mixture(epsilon)(self))
