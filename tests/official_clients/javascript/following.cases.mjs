// Following a request: status, logs, by polling and by stream, the result, and the video behind it.

import assert from "node:assert/strict";

import { KLING, fal, get, hold, input, occupyAllRunners, proves, refused, submit, until } from "./case.mjs";
import { QUEUE } from "./hosts.mjs";

for (const way of [{ mode: "polling", pollInterval: 50 }, { mode: "streaming" }]) {
  proves(`subscribe by ${way.mode} tells the id, the updates and the logs, and gives the video`, async () => {
    const ids = [];
    const updates = [];
    const { data, requestId } = await fal.subscribe(KLING, {
      input: input(),
      logs: true,
      onEnqueue: (id) => ids.push(id),
      onQueueUpdate: (update) => updates.push(structuredClone(update)),
      ...way,
    });
    assert.deepEqual(ids, [requestId]);
    const last = updates.at(-1);
    assert.equal(last.status, "COMPLETED");
    assert.equal(last.request_id, requestId);
    assert.ok(last.metrics.inference_time > 0);
    // By stream the client adds up the lines of all events, so a line that came twice would show.
    const messages = last.logs.map((line) => line.message);
    assert.equal(messages.at(-1), "Rendering: 100%");
    assert.equal(new Set(messages).size, messages.length);
    assert.deepEqual((await fal.queue.result(KLING, { requestId })).data, data);
    await assertIsVideo(data.video);
  });
}

proves("positions and progress are seen in turn on a stream", async (after) => {
  const [first, second] = await occupyAllRunners(after);
  const ahead = await submit();
  const behind = await submit();
  const stream = await fal.queue.streamStatus(KLING, { ...behind, logs: true });
  const seen = [];
  stream.on("data", (status) => seen.push(status));
  await new Promise((begun) => stream.on("data", begun));
  for (const request of [first, second]) {
    await fal.queue.cancel(KLING, request);
  }
  const last = await stream.done();
  assert.equal(seen[0].status, "IN_QUEUE");
  assert.equal(seen[0].queue_position, 1);
  assert.equal(last.status, "COMPLETED");
  assert.ok(seen.some((status) => status.status === "IN_PROGRESS"));
  await until(ahead, "COMPLETED");
});

proves("a stream without logs has none", async () => {
  const request = await submit();
  const last = await (await fal.queue.streamStatus(KLING, request)).done();
  assert.deepEqual([last.status, last.logs], ["COMPLETED", null]);
});

proves("logs come only when they are asked for", async () => {
  const request = await submit();
  const { logs } = await until(request, "COMPLETED");
  for (const line of logs) {
    assert.deepEqual(Object.keys(line).sort(), ["level", "message", "source", "timestamp"]);
    assert.deepEqual([line.level, line.source], ["INFO", "USER"]);
    assert.ok(!Number.isNaN(Date.parse(line.timestamp)));
  }
  assert.ok(logs.length > 0);
  assert.equal((await fal.queue.status(KLING, request)).logs, null);
});

proves("a status has the fields of its state and no others", async (after) => {
  const addresses = ["cancel_url", "request_id", "response_url", "status", "status_url"];
  const keys = (status) => Object.keys(status).filter((key) => !addresses.includes(key)).sort();
  const [running] = await occupyAllRunners(after);
  const waiting = await hold(after);
  assert.deepEqual(keys(await until(waiting, "IN_QUEUE")), ["queue_position"]);
  assert.deepEqual(keys(await until(running, "IN_PROGRESS")), ["logs"]);
  await fal.queue.cancel(KLING, waiting);
  assert.deepEqual(keys(await until(waiting, "COMPLETED")), ["error", "error_type", "logs", "metrics"]);
});

proves("the result is an error before the end", async (after) => {
  const running = await hold(after);
  const error = await refused(fal.queue.result(KLING, running));
  assert.deepEqual([error.status, error.body], [400, { detail: "Request is still in progress" }]);
  assert.equal(error.requestId, running.requestId);
});

proves("a request is found under the app alone and under the whole endpoint id", async () => {
  const request = await submit();
  await until(request, "COMPLETED");
  const { data } = await fal.queue.result("fal-ai/kling-video", request);
  const whole = await get(`${QUEUE}/${KLING}/requests/${request.requestId}`);
  assert.deepEqual(await whole.json(), data);
});

async function assertIsVideo({ url, content_type, file_size }) {
  const download = await fetch(url);
  assert.equal(content_type, "video/mp4");
  assert.equal(download.headers.get("content-type"), "video/mp4");
  const content = Buffer.from(await download.arrayBuffer());
  assert.equal(content.length, file_size);
  // An ISO media file opens with the box `ftyp`; the sample table, and the samples, are in `moov` and `mdat`.
  assert.equal(content.toString("latin1", 4, 8), "ftyp");
  assert.ok(content.includes("moov") && content.includes("mdat"));
}
