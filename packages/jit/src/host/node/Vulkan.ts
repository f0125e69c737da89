/** What the Vulkan drivers on this machine are, as far as files tell. */
import { existsSync, readdirSync } from "node:fs"
import { homedir } from "node:os"
import { delimiter, join } from "node:path"
import * as DynamicLibrary from "./DynamicLibrary.ts"

// models

export interface Vulkan {
  /** Is there a loader, `libvulkan.so.1`? */
  readonly hasLoader: boolean
  /** The manifests of drivers that it would find. */
  readonly drivers: ReadonlyArray<string>
}

type Variables = { readonly [name: string]: string | undefined }

// looking

const directories = ({ XDG_CONFIG_HOME, XDG_DATA_DIRS, XDG_DATA_HOME }: Variables): ReadonlyArray<string> => {
  const roots = [
    XDG_CONFIG_HOME ?? join(homedir(), ".config"),
    "/etc",
    XDG_DATA_HOME ?? join(homedir(), ".local/share"),
    ...(XDG_DATA_DIRS ?? "/usr/local/share:/usr/share").split(delimiter)
  ]
  return roots.map((root) => join(root, "vulkan", "icd.d"))
}

const manifests = (variables: Variables): ReadonlyArray<string> => {
  const named = variables["VK_DRIVER_FILES"] ?? variables["VK_ICD_FILENAMES"]
  if (named !== undefined) return named.split(delimiter).filter((file) => existsSync(file))
  return directories(variables)
    .filter((directory) => existsSync(directory))
    .flatMap((directory) => readdirSync(directory).map((file) => join(directory, file)))
    .filter((file) => file.endsWith(".json"))
}

/** Looks for Vulkan on this machine, where Vulkan's own loader looks. */
export const find = (variables: Variables = process.env): Vulkan => ({
  hasLoader: DynamicLibrary.isLoadable("libvulkan.so.1"),
  drivers: manifests(variables)
})
