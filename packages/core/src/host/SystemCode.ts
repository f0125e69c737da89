/** The codes in which an operating system says why a file cannot be had, and what they mean in our words. */

// pure core

/** Of the place: wrong whoever asks, and however often. */
const PLACE: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or directory",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the file system is read-only",
  EEXIST: "there is something here already",
  ENOTEMPTY: "there is something here already",
  ENOTDIR: "a file stands where a directory should be",
  EISDIR: "a directory stands where a file should be",
  ELOOP: "it is a symbolic link that is not followed, or one that leads in a circle",
  ENAMETOOLONG: "the name is too long",
  EINVAL: "the file system takes no such name",
  ERR_INVALID_ARG_VALUE: "no file has such a name"
}

/** Of the machine, at this moment. */
const MACHINE: { readonly [code: string]: string } = {
  ENOSPC: "no space is left on the disk",
  EDQUOT: "no space is left on the disk for you",
  EFBIG: "the file would be larger than it may be",
  EIO: "the disk failed",
  EBUSY: "something else is at work on it",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ERR_ACCESS_DENIED:
    "Node's permission model (--permission) forbids it, and it allows no durable writing at all"
}

/** The code that an error of the system has. */
export const of = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

/** `no permission`, of `EACCES`. */
export const said = (code: string): string => PLACE[code] ?? MACHINE[code] ?? `the system says ${code}`

/** Is the place wrong that was named? Else another try, there or elsewhere on the machine, may do. */
export const isOfPlace = (code: string): boolean => Object.hasOwn(PLACE, code)
