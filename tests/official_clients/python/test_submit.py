"""Submits: what comes back, and what a caller may ask for besides the input."""

import uuid

import fal_client
import hosts
from case import KLING, Case, an_input
from listener import Listener


class Submitting(Case):
    def test_a_submit_gives_an_id_and_the_addresses_of_the_app(self):
        handle = self.client.submit(KLING, an_input())
        self.assertEqual(uuid.UUID(handle.request_id).version, 7)
        request = f"{hosts.QUEUE}/fal-ai/kling-video/requests/{handle.request_id}"
        self.assertEqual(handle.response_url, request)
        self.assertEqual(handle.status_url, f"{request}/status")
        self.assertEqual(handle.cancel_url, f"{request}/cancel")
        self.assertIn("video", handle.get())

    def test_an_endpoint_may_be_split_into_id_and_path(self):
        handle = self.client.submit("fal-ai/kling-video", an_input(), path="/v2.1/standard/image-to-video")
        self.assertIn("video", handle.get())

    def test_low_priority_waits_behind_whoever_comes_later(self):
        first, second = self.occupy_all_runners()
        low = self.client.submit(KLING, an_input(), priority="low")
        self.assertEqual(self.until(low, fal_client.Queued).position, 0)
        normal = self.client.submit(KLING, an_input(), priority="normal")
        self.assertEqual(self.until(normal, fal_client.Queued).position, 0)
        self.assertEqual(self.until(low, fal_client.Queued).position, 1)
        for handle in (first, second):
            handle.cancel()
        self.assertIn("video", low.get())
        self.assertIn("video", normal.get())

    def test_a_start_timeout_ends_what_is_still_in_line(self):
        self.occupy_all_runners()
        late = self.client.submit(KLING, an_input(), start_timeout=1.1)
        status = self.until(late, fal_client.Completed)
        self.assertEqual(status.error_type, "request_timeout")
        error = self.refused(late.get)
        self.assertEqual((error.status_code, error.error_type), (504, "request_timeout"))
        self.assertEqual(error.response_headers["x-fal-request-timeout-type"], "user")

    def test_a_start_timeout_leaves_what_has_started_alone(self):
        handle = self.client.submit(KLING, an_input(), start_timeout=30, hint="any-runner")
        self.assertIn("video", handle.get())

    def test_a_webhook_is_told_how_it_ended(self):
        with Listener() as listener:
            handle = self.client.submit(KLING, an_input(), webhook_url=f"{listener.url}?attempt=1")
            told = listener.next()
        self.assertEqual(told.path, "/?attempt=1")
        self.assertEqual(told.headers["X-Fal-Webhook-Request-Id"], handle.request_id)
        for name in ("User-Id", "Timestamp", "Signature"):
            self.assertTrue(told.headers[f"X-Fal-Webhook-{name}"], name)
        self.assertEqual(told.body["request_id"], handle.request_id)
        self.assertEqual(told.body["status"], "OK")
        self.assertEqual(told.body["payload"], handle.get())

    def test_a_webhook_is_told_of_a_failure(self):
        with Listener() as listener:
            handle = self.client.submit(KLING, an_input(duration="7"), webhook_url=listener.url)
            told = listener.next()
        self.assertEqual(told.body["request_id"], handle.request_id)
        self.assertEqual((told.body["status"], told.body["error"]), ("ERROR", "Invalid status code: 422"))
        self.assertEqual(told.body["payload"]["detail"], self.refused(handle.get).message)
