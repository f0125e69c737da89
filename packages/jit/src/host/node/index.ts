/** The face of what only Node has: files, libraries, threads that are waited for. No module for a browser imports it. */

export * as DynamicLibrary from "./DynamicLibrary.ts"
export * as Environment from "./Environment.ts"
export * as ElfFile from "./ElfFile.ts"
export * as Post from "./Post.ts"
export * as Scratch from "./Scratch.ts"
export * as Vulkan from "./Vulkan.ts"
