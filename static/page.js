/**
 * Offers a tool on the server's own page once a visitor's message is about tools. Other conversations load nothing for it.
 */
const chat = document.querySelector("chat-stream");

chat.addEventListener("chat-send", ({ content }) => {
  if (typeof content !== "string" || !/\btools?\b/i.test(content)) return;
  chat.tools = [{
    name: "local_time",
    title: "Look at the clock",
    description: "Returns the visitor's date and time.",
    confirm: true,
    run: () => new Date().toString(),
  }];
});
