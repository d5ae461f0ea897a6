"""Following a request: status, logs, the result, and the video behind it."""

import fal_client
import hosts
import httpx
from case import KEY, KLING, Case, an_input


class Following(Case):
    def test_subscribe_tells_the_id_the_updates_and_the_logs_and_gives_the_video(self):
        ids, updates = [], []
        output = self.client.subscribe(
            KLING, an_input(), with_logs=True, on_enqueue=ids.append, on_queue_update=updates.append
        )
        self.assertEqual(len(ids), 1)
        self.assertIsInstance(updates[-1], fal_client.Completed)
        messages = [line["message"] for line in updates[-1].logs]
        self.assertEqual(messages[-1], "Rendering: 100%")
        self.assertEqual(output, self.client.result(KLING, ids[0]))
        self.assert_is_a_video(output["video"])

    def test_positions_and_progress_are_seen_in_turn(self):
        first, second = self.occupy_all_runners()
        seen = [self.client.submit(KLING, an_input())]
        self.assertEqual(self.until(seen[0], fal_client.Queued), fal_client.Queued(position=0))
        behind = self.client.submit(KLING, an_input())
        self.assertEqual(behind.status(), fal_client.Queued(position=1))
        for handle in (first, second):
            handle.cancel()
        self.assertIn("video", behind.get())

    def test_logs_come_only_when_they_are_asked_for(self):
        handle = self.client.submit(KLING, an_input())
        handle.get()
        with_logs, without = handle.status(with_logs=True), handle.status()
        self.assertIsNone(without.logs)
        for line in with_logs.logs:
            self.assertEqual(set(line), {"message", "level", "source", "timestamp"})
            self.assertEqual((line["level"], line["source"]), ("INFO", "USER"))
        self.assertGreater(with_logs.metrics["inference_time"], 0)
        self.assertIsNone(with_logs.error)
        self.assertIsNone(with_logs.error_type)

    def test_a_running_request_has_logs_that_grow(self):
        handle = self.hold()
        running = self.until(handle, fal_client.InProgress)
        self.assertIsInstance(running.logs, list)
        self.assertIsNone(handle.status().logs)

    def test_a_request_is_found_again_by_its_id(self):
        handle = self.client.submit(KLING, an_input())
        output = handle.get()
        # The client drops the path behind the app, so both spellings are one address.
        for endpoint in (KLING, "fal-ai/kling-video"):
            self.assertIsInstance(self.client.status(endpoint, handle.request_id), fal_client.Completed)
            self.assertEqual(self.client.result(endpoint, handle.request_id), output)

    def test_the_result_is_an_error_before_the_end(self):
        handle = self.hold()
        # Both clients poll before they fetch, so this asks without them.
        error = bare_get(handle.response_url)
        self.assertEqual((error.status_code, error.json()), (400, {"detail": "Request is still in progress"}))
        self.assertEqual(error.headers["x-fal-request-id"], handle.request_id)

    def test_older_spellings_of_the_addresses_are_understood(self):
        handle = self.client.submit(KLING, an_input())
        output = handle.get()
        full = f"{hosts.QUEUE}/{KLING}/requests/{handle.request_id}"
        for address in (f"{handle.response_url}/response", f"{handle.response_url}/", full):
            self.assertEqual(bare_get(address).json(), output, address)
        for query in ("?logs=1", "?logs=true"):
            self.assertIsInstance(bare_get(f"{handle.status_url}/{query}").json()["logs"], list, query)
        for query in ("", "?logs=0", "?logs=false"):
            self.assertIsNone(bare_get(f"{handle.status_url}/{query}").json()["logs"], query)

    def assert_is_a_video(self, video):
        self.assertEqual(video["content_type"], "video/mp4")
        download = httpx.get(video["url"])
        self.assertEqual((download.status_code, download.headers["content-type"]), (200, "video/mp4"))
        content = download.content
        self.assertEqual(len(content), video["file_size"])
        # An ISO media file opens with the box `ftyp`; the sample table, and the samples, are in `moov` and `mdat`.
        self.assertEqual(content[4:8], b"ftyp")
        self.assertIn(b"moov", content)
        self.assertIn(b"mdat", content)


def bare_get(address):
    return httpx.get(address, headers={"Authorization": f"Key {KEY}"})
