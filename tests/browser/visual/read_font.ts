/**
 * The fonts of pictures, which are the same on every machine.
 * @module
 */
// These imports install the packages. Deno imports no font files.
import "@fontsource/dejavu-mono/unicode.json" with { type: "json" };
import "@fontsource/dejavu-sans/unicode.json" with { type: "json" };

/** Reads a font in the format WOFF2. @param font its name, such as `mono-latin-400-normal` */
export async function readFont(font: string): Promise<Uint8Array<ArrayBuffer>> {
  const family = font.split("-")[0];
  const installed = import.meta.resolve(`@fontsource/dejavu-${family}/unicode.json`);
  return await Deno.readFile(new URL(`files/dejavu-${font}.woff2`, installed));
}
