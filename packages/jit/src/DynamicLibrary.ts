/** Shared libraries of the machine, as the dynamic loader finds them: by its own rules and `LD_LIBRARY_PATH`. */

/** Whether a library of this name (`libcuda.so.1`) can be loaded. It stays loaded. */
export const isLoadable = (name: string): boolean => {
  try {
    process.dlopen({ exports: {} }, name)
    return true
  } catch (cause) {
    // A library that was found is then refused, because it is no addon of Node.
    return !String(cause).includes("cannot open shared object file")
  }
}
