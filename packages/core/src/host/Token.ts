/** Names that nobody can know before: for what is temporary. Nothing that is computed depends on them. */

/** 16 hexadecimal digits. */
export const make = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("")
