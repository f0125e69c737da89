/** Configurations: strict decoding, rules, overrides, and every mistake named. */

/** All parts that stand for one choice. */
export * as Catalogue from "./Catalogue.ts"
/** Configurations: strict decoding, rules, overrides, and what is wrong with options. */
export * as Config from "./Config.ts"
/** What went wrong, where, how to fix it, and the exit code: the shape of every error. */
export * as Fault from "./Fault.ts"
/** Fields of option schemas. */
export * as Field from "./Field.ts"
/** Places in JSON-like values. */
export * as JsonPath from "./JsonPath.ts"
/** JSON as text, stricter than `JSON.parse`. */
export * as JsonText from "./JsonText.ts"
/** What a part says of several lanes. */
export * as Lanes from "./Lanes.ts"
/** What is wrong in a configuration, one by one. */
export * as Mistake from "./Mistake.ts"
/** Everything about one choice of a configuration. */
export * as Part from "./Part.ts"
/** A part that does not do what its place needs. */
export * as PartError from "./PartError.ts"
/** Text from elsewhere, as it may be shown. */
export * as Printable from "./Printable.ts"
/** What a schema says of itself. */
export * as SchemaShape from "./SchemaShape.ts"
/** Places in a schema that are open for more parts. */
export * as Slot from "./Slot.ts"
/** "Did you mean". */
export * as Suggestion from "./Suggestion.ts"
