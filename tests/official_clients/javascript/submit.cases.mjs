// Submits: what comes back, and what a caller may ask for besides the input.

import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";

import { KLING, fal, get, input, occupyAllRunners, proves, refused, submit, until } from "./case.mjs";
import { QUEUE, REST } from "./hosts.mjs";
import { listen } from "./listener.mjs";

proves("a submit gives an id, a place in line and the addresses of the app", async () => {
  const submitted = await fal.queue.submit(KLING, { input: input() });
  const request = `${QUEUE}/fal-ai/kling-video/requests/${submitted.request_id}`;
  assert.match(submitted.request_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  assert.deepEqual(submitted, {
    status: "IN_QUEUE",
    request_id: submitted.request_id,
    response_url: request,
    status_url: `${request}/status`,
    cancel_url: `${request}/cancel`,
    logs: null,
    metrics: {},
    queue_position: 0,
  });
  await until({ requestId: submitted.request_id }, "COMPLETED");
});

proves("low priority waits behind whoever comes later", async (after) => {
  await occupyAllRunners(after);
  const low = await submit({}, { priority: "low" });
  assert.equal((await until(low, "IN_QUEUE")).queue_position, 0);
  const normal = await submit({}, { priority: "normal" });
  assert.equal((await until(normal, "IN_QUEUE")).queue_position, 0);
  assert.equal((await until(low, "IN_QUEUE")).queue_position, 1);
  for (const request of [low, normal]) {
    await fal.queue.cancel(KLING, request);
  }
});

proves("a start timeout ends what is still in line, and the client knows that it was its own", async (after) => {
  await occupyAllRunners(after);
  const late = await submit({}, { startTimeout: 1.1 });
  assert.equal((await until(late, "COMPLETED")).error_type, "request_timeout");
  const error = await refused(fal.queue.result(KLING, late));
  assert.equal(error.status, 504);
  assert.equal(error.isUserTimeout, true);
  assert.equal(error.body.error_type, "request_timeout");
});

proves("a start timeout leaves what has started alone", async () => {
  const started = await submit({}, { startTimeout: 30, hint: "any-runner" });
  await until(started, "COMPLETED");
  assert.ok((await fal.queue.result(KLING, started)).data.video);
});

proves("a webhook is told how it ended, signed with the key that fal publishes", async (after) => {
  const listener = await listen(after);
  const request = await submit({}, { webhookUrl: `${listener.url}?attempt=1` });
  const told = await listener.next();
  assert.equal(told.path, "/?attempt=1");
  assert.ok(await isSigned(told));
  const { data } = await fal.queue.result(KLING, request);
  const message = JSON.parse(told.body);
  assert.deepEqual(message, {
    request_id: request.requestId,
    gateway_request_id: message.gateway_request_id,
    status: "OK",
    payload: data,
  });
});

proves("a webhook is told of a failure", async (after) => {
  const listener = await listen(after);
  const request = await submit({ duration: "7" }, { webhookUrl: listener.url });
  const told = await listener.next();
  assert.ok(await isSigned(told));
  const message = JSON.parse(told.body);
  assert.equal(message.request_id, request.requestId);
  assert.deepEqual([message.status, message.error], ["ERROR", "Invalid status code: 422"]);
  assert.deepEqual(message.payload, (await refused(fal.queue.result(KLING, request))).body);
});

/** Neither official client checks a signature, so this does it by the book. */
async function isSigned({ headers, body }) {
  const header = (name) => headers[`x-fal-webhook-${name}`];
  const hash = createHash("sha256").update(body).digest("hex");
  const message = [header("request-id"), header("user-id"), header("timestamp"), hash].join("\n");
  const { keys } = await (await get(`${REST}/.well-known/jwks.json`)).json();
  const signature = Buffer.from(header("signature"), "hex");
  return keys.some((key) => verify(null, Buffer.from(message), createPublicKey({ key, format: "jwk" }), signature));
}
