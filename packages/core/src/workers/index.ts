/** Worlds on threads of their own. */
export * as Workers from "./Workers.ts"
