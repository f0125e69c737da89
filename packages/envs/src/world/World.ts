/** A world as a part: how it is made of its options, and the ids by which people know it. */
import type * as Environment from "@ornstein/core/Environment"
import type * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import type { Recording } from "../recording/index.ts"

// models

/** A name and a version, and the options that make it. */
export interface Named {
  /** `Pendulum-v1` */
  readonly id: string
  readonly options: JsonPath.JsonRecord
  /** How to replay recordings of it from elsewhere. */
  readonly recorded?: Recording.Subject
}

export interface World extends Part.Any<Environment.Environment> {
  /** Without them, the id of its example is asked for when it is listed. */
  readonly named?: ReadonlyArray<Named>
}
