/** The face of the engine `wasm`. */

/** Compiles programs to WebAssembly, with code of another kind in it if need be. */
export * as WasmEngine from "./WasmEngine.ts"
