/** The text of a script as a function, where the host is Node: for a library that has to be given what it would look for. */

/** A function of its arguments in the order of their names. */
export type Code = (given: ReadonlyArray<unknown>) => unknown

/**
 * The body `text` as a function of the names, which hide globals of the same names; `file` is what its errors show. Nothing
 * where there is no Node. Throws a `SyntaxError` for what is no script: give it only text that is known.
 */
export const compile = (text: string, names: ReadonlyArray<string>, file: string): Code | undefined => {
  const vm = globalThis.process?.getBuiltinModule?.("node:vm")
  if (vm === undefined) return undefined
  const compiled = vm.compileFunction(text, [...names], { filename: file })
  // What a script writes to its `this` would else be a global.
  return (given) => Reflect.apply(compiled, {}, given)
}
