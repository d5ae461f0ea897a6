// Direct calls, past the queue: `run` and `stream`.

import assert from "node:assert/strict";

import { KLING, fal, input, proves, refused } from "./case.mjs";

proves("run gives the output itself and the id of the request", async () => {
  const { data, requestId } = await fal.run(KLING, { input: input(), startTimeout: 30 });
  assert.equal(data.video.content_type, "video/mp4");
  assert.ok(requestId);
});

proves("stream gives events and the output as the last", async () => {
  const stream = await fal.stream(KLING, { input: input() });
  const events = [];
  for await (const event of stream) {
    events.push(event);
  }
  const output = await stream.done();
  assert.ok(events.length > 1 && stream.requestId);
  assert.deepEqual(events.at(-1), output);
  assert.equal(output.video.content_type, "video/mp4");
});

proves("stream of a web page comes with a token in the place of the key", async () => {
  const stream = await fal.stream(KLING, { input: input(), connectionMode: "client" });
  const output = await stream.done();
  assert.equal(output.video.content_type, "video/mp4");
  assert.ok(stream.requestId);
});

proves("a token that fal did not give is an error of stream", async () => {
  const options = { connectionMode: "client", tokenProvider: async () => "made.up.token" };
  const stream = await fal.stream(KLING, { input: input(), ...options });
  assert.equal((await refused(stream.done())).status, 401);
});

proves("a faulty input is a validation error of run", async () => {
  const error = await refused(fal.run(KLING, { input: input({ duration: "7" }) }));
  assert.equal(error.name, "ValidationError");
  assert.deepEqual(error.getFieldErrors("duration")[0].loc, ["body", "duration"]);
});

proves("a faulty input is a validation error of stream", async () => {
  const stream = await fal.stream(KLING, { input: input({ duration: "7" }) });
  const error = await refused(stream.done());
  assert.equal(error.name, "ValidationError");
  assert.deepEqual(error.getFieldErrors("duration")[0].loc, ["body", "duration"]);
});

proves("a call of what does not exist is a 404", async () => {
  assert.equal((await refused(fal.run("fal-ai/no-such-model", { input: {} }))).status, 404);
});

proves("a call that is given up leaves its runner free", async () => {
  for (let call = 0; call < 3; call += 1) {
    const given = new AbortController();
    const stream = await fal.stream(KLING, { input: input(), signal: given.signal });
    await new Promise((begun) => stream.on("data", begun));
    given.abort();
    await stream.done();
  }
  assert.ok((await fal.run(KLING, { input: input() })).data.video);
});
