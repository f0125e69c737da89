/** What the file system says most often, in our words. */
import type * as PlatformError from "effect/PlatformError"

const SAID: { readonly [tag: string]: string } = {
  NotFound: "there is no such file or directory",
  PermissionDenied: "no permission",
  AlreadyExists: "there is something here already",
  BadResource: "a file stands where a directory should be, or the other way round"
}

/** A fault in words: those of the system where there are no better ones. */
export const said = ({ message, reason }: PlatformError.PlatformError): string => SAID[reason._tag] ?? message
