// Prints an embed token with Node, without a package: EMBED_SECRET=… node node.mjs
import { createHmac } from "node:crypto";
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const exp = Math.floor(Date.now() / 1000) + 600;
const data = `${encode({ alg: "HS256" })}.${encode({ sub: "visitor-1", origin: "https://www.example.com", exp })}`;
console.log(`${data}.${createHmac("sha256", process.env.EMBED_SECRET).update(data).digest("base64url")}`);
