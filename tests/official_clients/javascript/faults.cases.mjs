// What the client makes of a fal that has its bad days: the emulator's faults, asked for by a header.

import assert from "node:assert/strict";

import { KLING, fal, input, letFail, proves, refused, submit, until } from "./case.mjs";
import { listen } from "./listener.mjs";

const asking = (fault) => ({ headers: { "x-emulator-fault": fault } });

proves("a forbidden content is a 422 without a video", async () => {
  const request = await submit({}, asking("content-policy"));
  assert.equal((await until(request, "COMPLETED")).error_type, "content_policy_violation");
  const error = await refused(fal.queue.result(KLING, request));
  assert.deepEqual([error.name, error.fieldErrors[0].type], ["ValidationError", "content_policy_violation"]);
});

proves("a failed request is completed with an error", async () => {
  const request = await submit({}, asking("failed"));
  const status = await until(request, "COMPLETED");
  assert.equal(status.error_type, "internal_error");
  const error = await refused(fal.queue.result(KLING, request));
  assert.deepEqual([error.status, error.body], [500, { detail: status.error, error_type: "internal_error" }]);
});

proves("an exhausted balance is a 403", async () => {
  const error = await refused(submit({}, asking("exhausted-balance")));
  assert.equal(error.status, 403);
  assert.match(error.body.detail, /^User is locked\. Reason: Exhausted balance\./);
});

proves("a lost runner costs an attempt, and the request ends well under its own id", async (after) => {
  const listener = await listen(after);
  const { requestId } = await submit({}, { ...asking("runner-lost"), webhookUrl: listener.url });
  const message = JSON.parse((await listener.next()).body);
  assert.deepEqual([message.request_id, message.status], [requestId, "OK"]);
  assert.notEqual(message.gateway_request_id, requestId);
  assert.deepEqual(message.payload, (await fal.queue.result(KLING, { requestId })).data);
});

for (const fault of ["rate-limited", "nginx-502"]) {
  proves(`a submit that meets ${fault} is tried again`, async () => {
    const hits = await letFail(fault, 1);
    const { data } = await fal.subscribe(KLING, { input: input(), pollInterval: 50 });
    assert.ok(data.video);
    assert.equal(await hits(), 1);
  });
}
