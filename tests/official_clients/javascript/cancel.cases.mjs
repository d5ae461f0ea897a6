// Cancelling: in line, while it runs, too late, and of what nobody knows.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { KLING, fal, hold, input, occupyAllRunners, proves, refused, submit, until } from "./case.mjs";

proves("a request in line is dropped, and its result is a 499", async (after) => {
  await occupyAllRunners(after);
  const waiting = await submit();
  await until(waiting, "IN_QUEUE");
  await fal.queue.cancel(KLING, waiting);
  await assertWasCancelled(waiting);
});

proves("a running request is stopped", async (after) => {
  const running = await hold(after);
  await until(running, "IN_PROGRESS");
  await fal.queue.cancel(KLING, running);
  await assertWasCancelled(running);
});

proves("a request that has ended cannot be cancelled", async () => {
  const request = await submit();
  await until(request, "COMPLETED");
  const error = await refused(fal.queue.cancel(KLING, request));
  assert.deepEqual([error.status, error.body], [400, { status: "ALREADY_COMPLETED" }]);
  assert.ok((await fal.queue.result(KLING, request)).data.video);
});

proves("a request that nobody knows cannot be cancelled", async () => {
  const error = await refused(fal.queue.cancel(KLING, { requestId: randomUUID() }));
  assert.deepEqual([error.status, error.body], [404, { status: "NOT_FOUND" }]);
});

proves("a client that stops waiting cancels", async (after) => {
  await occupyAllRunners(after);
  let requestId;
  const subscription = fal.subscribe(KLING, {
    input: input(),
    mode: "polling",
    pollInterval: 50,
    timeout: 500,
    onEnqueue: (id) => (requestId = id),
  });
  const error = await refused(subscription);
  assert.match(error.message, /^Client timed out/);
  await assertWasCancelled({ requestId });
});

async function assertWasCancelled(request) {
  assert.equal((await until(request, "COMPLETED")).error_type, "client_cancelled");
  const error = await refused(fal.queue.result(KLING, request));
  assert.deepEqual([error.status, error.body.error_type], [499, "client_cancelled"]);
}
