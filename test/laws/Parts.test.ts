/**
 * What every part of every catalogue has: a description, options that say what they are, a paper or another source, an
 * example that is valid and that it can be made of. That its options do something is the law of Options.test.ts, which
 * walks every part of these catalogues.
 */
import { assert, describe, it } from "@effect/vitest"
import * as TwinCritics from "@ornstein/algos/TwinCritics"
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Experiment from "@ornstein/lab/Experiment"
import { Result, Schema, SchemaAST } from "effect"
import * as Fidelity from "./Fidelity.ts"

const catalogues: ReadonlyArray<readonly [name: string, parts: ReadonlyArray<Part.Any>]> = Object.entries(
  Experiment.catalogues
).map(([name, { parts }]) => [name, parts])

/** Parts without options, which is what they are. */
const withoutOptions = new Set(["layerNorm", "twinCritics"])

const input = ({ example, kind, tag }: Part.Any): JsonPath.JsonRecord => ({
  [tag]: kind,
  ...(JsonPath.isRecord(example) ? example : {})
})

const decoded = (part: Part.Any): unknown =>
  Result.getOrThrow(
    Config.decode({ schema: Schema.Union(part.members), rules: [], example: {} }, input(part))
  )

const describes = (node: unknown): boolean => JSON.stringify(node).includes('"description":')

/** Options without a description, at any depth but inside one that has it. */
const silent = (part: Part.Any): ReadonlyArray<string> =>
  part.members.flatMap((member) => {
    const { schema } = Schema.toJsonSchemaDocument(member)
    const properties = JsonPath.isRecord(schema["properties"]) ? schema["properties"] : {}
    const tags = new Set(
      SchemaShape.fieldsOf(member.ast).flatMap(([name, type]) => (type._tag === "Literal" ? [name] : []))
    )
    return Object.entries(properties).flatMap(([name, property]) =>
      describes(property) || tags.has(name) ? [] : [name]
    )
  })

it("an experiment has a catalogue for everything that a configuration chooses by kind", () => {
  const known = new Set(catalogues.flatMap(([, parts]) => parts.map(({ kind }) => kind)))
  // The ways that an action enters a dense critic are options of that network.
  for (const kind of ["concatenated", "actionAtSecondLayer", "twoBranch"]) known.add(kind)
  const kinds = (ast: SchemaAST.AST): ReadonlyArray<string> => {
    const tags = SchemaShape.fieldsOf(ast).flatMap(([name, type]) =>
      ["kind", "base"].includes(name) && SchemaAST.isLiteral(type) ? [String(type.literal)] : []
    )
    const inside = SchemaAST.isUnion(ast)
      ? ast.types
      : SchemaAST.isArrays(ast)
        ? [...ast.elements, ...ast.rest]
        : SchemaShape.fieldsOf(ast).map(([, type]) => type)
    return [...tags, ...inside.flatMap(kinds)]
  }
  const all = new Set(kinds(Experiment.definition.schema.ast))
  assert.deepStrictEqual([...all].toSorted(), [...known].toSorted())
})

describe.each(catalogues)("every part of %s", (_, parts) => {
  it.each(parts.map((part) => [part.kind, part] as const))("%s", (kind, part) => {
    assert.isAbove(part.description.length, 10, "a description")
    assert.isBelow(part.description.length, 110, "of one line")
    assert.deepStrictEqual(silent(part), [], "options with descriptions")
    for (const member of part.members) assert.include(SchemaShape.keysOf(member.ast), part.tag)
    if (typeof part.source === "string") assert.isAbove(part.source.length, 2)
    else {
      assert.match(part.source.link, /^https:\/\/\S+$/)
      assert.isAbove(part.source.year, 1900)
    }
    for (const departure of part.departures) assert.match(departure, /^[^A-Z].*[^.]$/, "a part of a sentence")
    // What needs a file or a device is not opened: it is made, as a layer or an effect.
    assert.isDefined(part.construct(decoded(part)))
    const options = SchemaShape.keysOf(Schema.Union(part.members).ast).filter((key) => key !== part.tag)
    if (options.length === 0) assert.isTrue(withoutOptions.has(kind), "a part without options")
  })
})

describe("docs/fidelity.md", () => {
  it("has the tables that the catalogues give", () => {
    assert.strictEqual(
      Fidelity.current(),
      Fidelity.generated(),
      "run `npx -c 'node --conditions=@ornstein/source test/laws/Fidelity.ts'`"
    )
  })

  it("has a link of arXiv for nothing that no part is from", () => {
    const known = new Set(
      catalogues.flatMap(([, parts]) =>
        parts.flatMap(({ source }) => (typeof source === "string" ? [] : [source.link]))
      )
    )
    // What belongs to training itself, not to a part.
    known.add("https://arxiv.org/abs/2005.12729")
    const linked = [...Fidelity.current().matchAll(/https:\/\/arxiv\.org\/abs\/[\d.]+\d/g)].map(
      ([link]) => link
    )
    assert.isAbove(linked.length, 5)
    assert.deepStrictEqual(
      linked.filter((link) => !known.has(link)),
      []
    )
  })

  it("says by hand why each part departs from its paper, departure by departure", () => {
    const all = catalogues.flatMap(([, parts]) => parts)
    assert.deepStrictEqual(Fidelity.unsaid(all), [])
    // A new variant of a paper that has its section, under a name that the page does not know.
    const twin: Part.Any = TwinCritics.part
    const departures = [...twin.departures, "the gradient of the second critic is thrown away"]
    assert.deepStrictEqual(Fidelity.unsaid([{ ...twin, kind: "another", departures }]), [
      "another: the gradient of the second critic is thrown away"
    ])
  })
})
