/**
 * Functions that run in the measured page. They see nothing else of this file.
 * @module
 */

/** Notes when the box for the text exists, and sums the layout shifts. */
export function watchLoading(): void {
  const times = { usable: 0, shift: 0 };
  Object.assign(globalThis, { times });
  new PerformanceObserver((list) => {
    // As in the definition of the cumulative layout shift, what a press moves does not count.
    for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
      if (!entry.hadRecentInput) times.shift += entry.value;
    }
  }).observe({ type: "layout-shift", buffered: true });
  const look = (): void => {
    if (document.querySelector("chat-stream")?.shadowRoot?.querySelector("textarea")) times.usable = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}

/** Returns the times in ms, and what was loaded. */
export function readLoading(): { usable: number; paint: number; bytes: number; requests: number; shift: number } {
  const { times } = globalThis as unknown as { times: { usable: number; shift: number } };
  const resources = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    usable: times.usable,
    shift: times.shift,
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
    bytes: resources.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0),
    requests: resources.length,
  };
}

/** Notes the time between frames, in ms. */
export function watchFrames(): void {
  const frames: number[] = [];
  Object.assign(globalThis, { frames });
  let last = performance.now();
  const onFrame = (now: number): void => {
    frames.push(now - last);
    last = now;
    requestAnimationFrame(onFrame);
  };
  requestAnimationFrame(onFrame);
}

/** Loads a conversation. Returns the time until it is painted, in ms. */
export async function restore(state: unknown): Promise<number> {
  const element = document.querySelector("chat-stream") as unknown as { load(state: unknown): void };
  const begin = performance.now();
  element.load(state);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now() - begin;
}

/** Returns the times between frames since `watchFrames`, in ms. */
export function readFrames(): number[] {
  return (globalThis as unknown as { frames: number[] }).frames;
}
