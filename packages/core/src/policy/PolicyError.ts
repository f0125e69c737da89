/** What is wrong with a policy. */
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { Fault } from "../config/index.ts"

/** A policy that cannot be made, read or used: where it is, what is wrong, and how to fix it. */
export class PolicyError
  extends Schema.TaggedError<PolicyError>()("PolicyError", { policy: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.policy
  }
  override get message(): string {
    return Fault.message(this)
  }
}
