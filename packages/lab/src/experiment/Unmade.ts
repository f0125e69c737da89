/** Worlds that cannot be made. One that is another process is asked for its spaces: where that fails, what named it is wrong. */
import * as Config from "@ornstein/core/Config"
import * as Environment from "@ornstein/core/Environment"
import * as Mistake from "@ornstein/core/Mistake"
import * as Result from "effect/Result"

// pure core

/** The world, once what is known of it was asked for. */
export const specified = (world: Environment.Environment): Environment.Environment => {
  void world.spec
  return world
}

/** What decoding throws where a rule asks for a world that cannot be made, as a mistake of the configuration. */
export const mistaken = <A>(
  decode: () => Result.Result<A, Config.ConfigError>
): Result.Result<A, Config.ConfigError> => {
  const decoded = Result.try({
    try: decode,
    catch: (cause) => {
      if (!(cause instanceof Environment.EnvironmentError)) throw cause
      const allowed = `cannot be made: ${cause.what}. ${cause.fix}`
      return new Config.ConfigError({ mistakes: [Mistake.make(["environment"], allowed, undefined)] })
    }
  })
  return Result.isSuccess(decoded) ? decoded.success : Result.fail(decoded.failure)
}
