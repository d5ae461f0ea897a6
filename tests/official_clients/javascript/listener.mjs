// A small server that a webhook can be sent to.

import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

/** Listens on a free port of this machine until the case ends, and answers every delivery with 200. */
export async function listen(after) {
  const deliveries = [];
  const server = createServer(async (request, response) => {
    deliveries.push({ path: request.url, headers: request.headers, body: await text(request) });
    response.end();
    server.emit("delivery");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => server.close());
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    async next() {
      if (deliveries.length === 0) {
        await once(server, "delivery");
      }
      return deliveries.shift();
    },
  };
}
