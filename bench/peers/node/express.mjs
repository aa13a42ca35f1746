/**
 * A peer of the benchmark: the chat server of most tutorials, with Express, cors and the OpenAI SDK, a `for await` over
 * its stream and a write for each event. Started with `PORT`, `OPENAI_BASE_URL` and `OPENAI_API_KEY`.
 * @module
 */
import process from "node:process";
import cors from "cors";
import express from "express";
import OpenAI from "openai";

const openai = new OpenAI();
const app = express();
app.use(cors());
app.use(express.json());

app.post("/api/chat", async (request, response) => {
  const { model, messages } = request.body;
  response.setHeader("Content-Type", "text/event-stream");
  response.setHeader("Cache-Control", "no-cache");
  response.setHeader("Connection", "keep-alive");
  try {
    const stream = await openai.chat.completions.create({ model, messages, stream: true });
    response.on("close", () => stream.controller.abort());
    for await (const chunk of stream) {
      const content = chunk.choices[0]?.delta?.content;
      if (content) response.write(`event: text\ndata: ${JSON.stringify(content)}\n\n`);
    }
    response.write('event: stop\ndata: "stop"\n\n');
  } catch (error) {
    response.write(`event: error\ndata: ${JSON.stringify({ message: String(error) })}\n\n`);
  }
  response.end();
});

app.listen(Number(process.env.PORT), "127.0.0.1");
