/** What a file system says, in our words: a message never has those of the library that asked it. */
import type * as PlatformError from "effect/PlatformError"
import { SystemCode } from "../host/index.ts"
import type * as RegularFile from "./RegularFile.ts"

// pure core

/** What the platform's names for errors stand for, where the system gave no code. */
const CODES: { readonly [tag: string]: string } = {
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
  AlreadyExists: "EEXIST",
  BadResource: "ENOTDIR",
  BadArgument: "ERR_INVALID_ARG_VALUE",
  Busy: "EBUSY"
}

/** The code that the system gave, such as `ENOSPC`, or else the kind of the error. */
export const codeOf = ({ reason }: PlatformError.PlatformError): string =>
  SystemCode.of(reason.cause) ?? CODES[reason._tag] ?? reason._tag

/** What happened. */
export const said = (error: RegularFile.FileError): string =>
  error._tag === "IrregularError" ? error.what : SystemCode.said(codeOf(error))

/** The same of an error of the system itself, such as that of a stream. */
export const ofSystem = (error: Error): string => {
  const code = SystemCode.of(error)
  return code === undefined ? error.message : SystemCode.said(code)
}

/** Is the place wrong that was named? Else another try, there or elsewhere on the machine, may do. */
export const isOfPlace = (error: RegularFile.FileError): boolean =>
  error._tag === "IrregularError" || SystemCode.isOfPlace(codeOf(error))
