/**
 * Measures whether the time of a refusal tells how much of a guessed proxy key is right: a Welch t-test between wrong keys
 * that share nothing with a valid key and wrong keys that share all but the last character. |t| below 4.5 is no evidence of
 * a difference, the threshold of test vector leakage assessment. A comparison that stops at the first wrong character runs
 * beside it, to show that the test would find one.
 * Run with `deno run bench/key_timing.ts`.
 * @module
 */
import { digestProxyKey, findProxyKey, type ProxyKeys } from "../routes/proxy_keys.ts";

const ROUNDS = 50_000;
/** Calls in one sample: one alone is shorter than the clock's resolution. */
const CALLS = 20;
/** The slowest samples belong to the system: they are left out, as many of each class. */
const KEPT_SHARE = 0.9;

const VALID = "k7Qm2XvT9bWc4RzL8nHs6YdF1gJpE3uA".repeat(8);
const NEAR = `${VALID.slice(0, -1)}B`;
const FAR = `B${VALID.slice(1)}`;

const keys: ProxyKeys = new Map(
  Array.from({ length: 8 }, (_, index) => [`key ${index}`, digestProxyKey(index === 0 ? VALID : `other ${index}`)]),
);

report("findProxyKey", (key) => {
  const headers = { get: () => `Bearer ${key}` } as unknown as Headers;
  try {
    findProxyKey({ headers } as Request, keys);
  } catch {
    // Both keys are wrong.
  }
});
report("first difference (control)", (key) => {
  for (let at = 0; at < VALID.length; at++) if (key.charCodeAt(at) !== VALID.charCodeAt(at)) return;
});

function report(name: string, compare: (key: string) => void): void {
  const near = new Float64Array(ROUNDS);
  const far = new Float64Array(ROUNDS);
  for (let round = -1000; round < ROUNDS; round++) {
    // In random order: a drift of the machine must not favour one class.
    const isNearFirst = Math.random() < 0.5;
    const first = time(compare, isNearFirst ? NEAR : FAR);
    const second = time(compare, isNearFirst ? FAR : NEAR);
    if (round < 0) continue;
    near[round] = isNearFirst ? first : second;
    far[round] = isNearFirst ? second : first;
  }
  const [a, b] = [summaryOf(near), summaryOf(far)];
  const t = (a.mean - b.mean) / Math.sqrt(a.variance / a.count + b.variance / b.count);
  const nanoseconds = ({ mean }: Summary) => `${(mean * 1e6 / CALLS).toFixed(1)} ns`;
  console.log(`${name}: nearly right ${nanoseconds(a)}, all wrong ${nanoseconds(b)}, t = ${t.toFixed(1)}`);
}

function time(compare: (key: string) => void, key: string): number {
  const startedAt = performance.now();
  for (let call = 0; call < CALLS; call++) compare(key);
  return performance.now() - startedAt;
}

interface Summary {
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

function summaryOf(samples: Float64Array): Summary {
  const kept = samples.sort().subarray(0, Math.floor(samples.length * KEPT_SHARE));
  const mean = kept.reduce((sum, sample) => sum + sample, 0) / kept.length;
  const variance = kept.reduce((sum, sample) => sum + (sample - mean) ** 2, 0) / (kept.length - 1);
  return { mean, variance, count: kept.length };
}
