/**
 * Compares pictures with their baselines in `tests/fixtures/visual/`, and records these.
 * @module
 */
import { Buffer } from "node:buffer";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import type { Picture } from "./pictures.ts";

const BASELINES = new URL("../../fixtures/visual/", import.meta.url);
/** Where a failed comparison leaves its pictures. */
const DIFFERENCES = new URL("../../../dist/visual/", import.meta.url);

/** How far the colours of a pixel may be apart, from 0 to 1. This is two of 255 levels of grey. */
const COLOUR_TOLERANCE = 0.01;
/** How many pixels may differ. On one machine none do; another processor may round an edge differently. */
export const MAX_PIXELS = 30;

/** True when the baselines are recorded instead of compared. */
export const IS_RECORDING = Deno.env.has("RECORD_BASELINES");

/** The result of a comparison. */
export interface Comparison {
  /** The number of pixels that differ; `Infinity` where the sizes do. */
  readonly pixels: number;
  /** A PNG with the different pixels in red; undefined where the sizes differ. */
  readonly difference: Uint8Array | undefined;
}

/** Compares two PNGs. */
export function compare(first: Uint8Array, second: Uint8Array): Comparison {
  const [a, b] = [decode(first), decode(second)];
  const { width, height } = a;
  if (b.width !== width || b.height !== height) return { pixels: Infinity, difference: undefined };
  const difference = new PNG({ width, height });
  const pixels = pixelmatch(a.data, b.data, difference.data, width, height, {
    threshold: COLOUR_TOLERANCE,
    // The smoothed edges of round shapes count: a small one that moves is little else.
    includeAA: true,
  });
  return { pixels, difference: encode(difference) };
}

/** The baseline of a picture; undefined where there is none. */
export async function readBaseline(name: string): Promise<Uint8Array | undefined> {
  return await Deno.readFile(new URL(`${name}.png`, BASELINES)).catch(() => undefined);
}

/**
 * Compares a picture with its baseline. While recording, a picture that differs becomes the baseline.
 * @returns what is wrong, as one line; undefined where nothing is
 */
export async function checkPicture({ name, png }: Picture): Promise<string | undefined> {
  const baseline = await readBaseline(name);
  const { pixels, difference } = baseline === undefined
    ? { pixels: Infinity, difference: undefined }
    : compare(baseline, png);
  if (pixels <= MAX_PIXELS) return undefined;
  if (IS_RECORDING) {
    await write(BASELINES, name, encode(decode(png)));
    return undefined;
  }
  await write(DIFFERENCES, name, png);
  if (difference !== undefined) await write(DIFFERENCES, `${name}.difference`, difference);
  const fault = baseline === undefined
    ? "has no baseline"
    : pixels === Infinity
    ? "has another size than its baseline"
    : `differs from its baseline in ${pixels} pixels`;
  return `${name} ${fault}: see dist/visual/${name}*.png. If it is meant to look so, run: deno task baselines`;
}

/** The names of all baselines. */
export async function baselineNames(): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(BASELINES));
  return files.map(({ name }) => name).filter((name) => name.endsWith(".png")).map((name) => name.slice(0, -4)).sort();
}

/** Removes a baseline. */
export async function removeBaseline(name: string): Promise<void> {
  await Deno.remove(new URL(`${name}.png`, BASELINES));
}

function decode(png: Uint8Array): PNG {
  return PNG.sync.read(Buffer.from(png));
}

/** A small PNG without transparency. */
function encode(image: PNG): Uint8Array {
  return PNG.sync.write(image, {
    colorType: 2,
    inputHasAlpha: true,
    deflateLevel: 9,
    deflateStrategy: 0,
    filterType: 0,
  });
}

async function write(folder: URL, name: string, png: Uint8Array): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(new URL(`${name}.png`, folder), png);
}
