// Prints an embed token with Deno: EMBED_SECRET=… deno run --allow-env=EMBED_SECRET deno.ts
// deno-lint-ignore no-import-prefix -- so that a copy of this file works anywhere
import { SignJWT } from "npm:jose@^6.2.17";
const secret = new TextEncoder().encode(Deno.env.get("EMBED_SECRET"));
const token = new SignJWT({ origin: "https://www.example.com" }).setProtectedHeader({ alg: "HS256" });
console.log(await token.setSubject("visitor-1").setExpirationTime("10 minutes").sign(secret));
