// What the client makes of refusals: the key, the endpoint, the input.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { KLING, fal, input, proves, refused, submit, until } from "./case.mjs";
import { CDN, connect } from "./hosts.mjs";

proves("an unknown key is a 401", async () => {
  const error = await refused(connect("wrong-id:wrong-secret").queue.submit(KLING, { input: input() }));
  assert.deepEqual([error.status, error.body], [401, { detail: "No user found for Key ID and Secret" }]);
});

proves("a key that is none is a 401 that names the form", async () => {
  const error = await refused(connect("nonsense").queue.submit(KLING, { input: input() }));
  const detail = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'.";
  assert.deepEqual([error.status, error.body], [401, { detail }]);
});

proves("an unknown endpoint is a 404", async () => {
  const error = await refused(fal.queue.submit("fal-ai/no-such-model", { input: input() }));
  assert.equal(error.status, 404);
  assert.ok(error.requestId);
});

proves("an unknown request is a 404", async () => {
  for (const call of [fal.queue.status, fal.queue.result]) {
    const error = await refused(call(KLING, { requestId: randomUUID() }));
    assert.deepEqual([error.status, error.body], [404, { status: "NOT_FOUND" }]);
  }
});

proves("a stream of an unknown request is a 404", async () => {
  const stream = await fal.queue.streamStatus(KLING, { requestId: randomUUID() });
  const error = await refused(stream.done());
  assert.deepEqual([error.status, error.body], [404, { status: "NOT_FOUND" }]);
});

proves("a request is not found under another app", async () => {
  const request = await submit();
  assert.equal((await refused(fal.queue.status("fal-ai/minimax", request))).status, 404);
  await until(request, "COMPLETED");
});

proves("ids of older forms are unknown endpoints and no crash", async () => {
  for (const endpoint of ["110602490-kling-video", "workflows/somebody/something", "comfy/somebody/something"]) {
    assert.equal((await refused(fal.queue.submit(endpoint, { input: {} }))).status, 404, endpoint);
    assert.equal((await refused(fal.queue.status(endpoint, { requestId: randomUUID() }))).status, 404, endpoint);
  }
});

proves("each fault of the input is named with its field", async () => {
  const request = await submit({ duration: "7", cfg_scale: 2 });
  assert.equal((await until(request, "COMPLETED")).error_type, "one_of");
  const error = await refused(fal.queue.result(KLING, request));
  assert.deepEqual([error.name, error.status], ["ValidationError", 422]);
  assert.deepEqual(error.fieldErrors.map((fault) => fault.loc.join(".")), ["body.duration", "body.cfg_scale"]);
  const [fault] = error.getFieldErrors("duration");
  assert.deepEqual([fault.type, fault.input, fault.ctx], ["one_of", "7", { expected: ["5", "10"] }]);
  assert.ok(fault.msg && fault.url);
});

proves("a missing field is named", async () => {
  const given = input();
  delete given.prompt;
  const error = await refused(fal.subscribe(KLING, { input: given, pollInterval: 50 }));
  assert.equal(error.getFieldErrors("prompt")[0].type, "missing");
});

proves("a picture that cannot be had is a fault of its field", async () => {
  const request = await submit({ image_url: `${CDN}/files/b/no/such.png` });
  await until(request, "COMPLETED");
  const error = await refused(fal.queue.result(KLING, request));
  assert.equal(error.getFieldErrors("image_url")[0].type, "file_download_error");
});
