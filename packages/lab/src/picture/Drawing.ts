/** Pictures of either kind, flat or in space, as pixels. */
import * as Scene from "@ornstein/core/Scene"
import * as Caster from "./Caster.ts"
import * as Raster from "./Raster.ts"

// pure core

/** Width over height. */
export const aspect = (picture: Scene.Picture): number =>
  picture._tag === "Spatial"
    ? picture.aspect
    : (picture.right - picture.left) / (picture.top - picture.bottom)

/** The pixels of the frame that `draw` makes. */
export const pixels = (picture: Scene.Picture, width: number): number =>
  picture._tag === "Spatial" ? Caster.pixels(picture, width) : Raster.pixels(picture, width)

// constructors

/** The picture, `width` pixels wide and as high as its proportions ask. */
export const draw = (picture: Scene.Picture, width: number): Raster.Frame =>
  picture._tag === "Spatial" ? Caster.draw(picture, width) : Raster.draw(picture, width)

/** The same with a line of text in its upper left corner. */
export const captioned = (picture: Scene.Picture, text: string, width: number): Raster.Frame => {
  if (picture._tag !== "Spatial") return Raster.draw(Scene.caption(picture, text), width)
  const frame = Caster.draw(picture, width)
  const sheet = { left: 0, right: width, bottom: 0, top: frame.height, background: Scene.white, shapes: [] }
  return Raster.paint(frame, Scene.caption(sheet, text))
}
