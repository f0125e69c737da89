/** The world that an input describes: its kind with options, and in `wrappers` what stands around it. */
import type * as Catalogue from "@ornstein/core/Catalogue"
import type * as Config from "@ornstein/core/Config"
import type * as Environment from "@ornstein/core/Environment"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import type { World } from "@ornstein/envs"
import * as Result from "effect/Result"
import * as Unmade from "./Unmade.ts"

/** The world in its wrappers, or all mistakes of the input. */
export const worldFrom =
  <W extends World.World, D extends Part.Any<Environment.Wrapper>>(
    worlds: Catalogue.Catalogue<Environment.Environment, W>,
    wrappers: Catalogue.Catalogue<Environment.Wrapper, D>
  ) =>
  (input: unknown): Result.Result<Environment.Environment, Config.ConfigError> => {
    const { wrappers: around = [], ...environment } = JsonPath.isRecord(input) ? input : {}
    return Result.gen(function* () {
      const inner = yield* worlds.decode(environment)
      const list = yield* Result.all((Array.isArray(around) ? around : [around]).map(wrappers.decode))
      return yield* Unmade.mistaken(() => {
        const world = list.reduce<Environment.Environment>(
          (world, wrapper) => wrappers.make(wrapper)(world),
          worlds.make(inner)
        )
        return Result.succeed(Unmade.specified(world))
      })
    })
  }
