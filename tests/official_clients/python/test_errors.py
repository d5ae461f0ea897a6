"""What the client makes of refusals: the key, the endpoint, the input."""

import uuid

import fal_client
import hosts
import httpx
from case import KEY, KLING, Case, an_input


class BeingRefused(Case):
    def test_an_unknown_key_is_a_401(self):
        error = self.refused(self.connect("wrong-id:wrong-secret").submit, KLING, an_input())
        self.assertEqual((error.status_code, str(error)), (401, "No user found for Key ID and Secret"))

    def test_a_key_that_is_none_is_a_401_that_names_the_form(self):
        error = self.refused(self.connect("nonsense").submit, KLING, an_input())
        expected = "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."
        self.assertEqual((error.status_code, str(error)), (401, expected))

    def test_an_unknown_endpoint_is_a_404(self):
        error = self.refused(self.client.submit, "fal-ai/no-such-model", an_input())
        self.assertEqual(error.status_code, 404)
        self.assertIn("x-fal-request-id", error.response_headers)

    def test_an_unknown_request_is_a_404(self):
        for call in (self.client.status, self.client.result):
            error = self.refused(call, KLING, str(uuid.uuid4()))
            self.assertEqual((error.status_code, error.response.json()), (404, {"status": "NOT_FOUND"}))

    def test_a_request_is_not_found_under_another_app(self):
        handle = self.client.submit(KLING, an_input())
        error = self.refused(self.client.status, "fal-ai/minimax", handle.request_id)
        self.assertEqual(error.status_code, 404)
        self.assertIn("video", handle.get())

    def test_ids_of_older_forms_are_unknown_endpoints_and_no_crash(self):
        for endpoint in ("110602490-kling-video", "workflows/somebody/something", "comfy/somebody/something"):
            self.assertEqual(self.refused(self.client.submit, endpoint, {}).status_code, 404, endpoint)
            self.assertEqual(self.refused(self.client.status, endpoint, str(uuid.uuid4())).status_code, 404, endpoint)

    def test_each_fault_of_the_input_is_named_with_its_field(self):
        handle = self.client.submit(KLING, an_input(duration="7", cfg_scale=2))
        status = self.until(handle, fal_client.Completed)
        self.assertEqual(status.error_type, "one_of")
        error = self.refused(handle.get)
        self.assertEqual(error.status_code, 422)
        self.assertEqual([fault["loc"] for fault in error.message], [["body", "duration"], ["body", "cfg_scale"]])
        self.assertEqual([fault["type"] for fault in error.message], ["one_of", "less_than_equal"])
        self.assertEqual(error.message[0]["ctx"], {"expected": ["5", "10"]})
        self.assertEqual(error.message[0]["input"], "7")
        self.assertTrue(all(fault["msg"] and fault["url"] for fault in error.message))
        self.assertEqual(error.response_headers["x-fal-billable-units"], "0")
        self.assertEqual(error.response_headers["x-fal-retryable"], "false")

    def test_a_missing_field_is_named(self):
        given = an_input()
        del given["prompt"]
        error = self.refused(self.client.subscribe, KLING, given)
        self.assertEqual((error.message[0]["loc"], error.message[0]["type"]), (["body", "prompt"], "missing"))

    def test_a_picture_that_cannot_be_had_is_a_fault_of_its_field(self):
        error = self.refused(self.client.subscribe, KLING, an_input(image_url=f"{hosts.CDN}/files/b/no/such.png"))
        self.assertEqual((error.message[0]["loc"], error.message[0]["type"]), (["body", "image_url"], "file_download_error"))

    def test_a_start_timeout_that_is_none_is_a_400(self):
        headers = {"X-Fal-Request-Timeout": "soon"}
        error = self.refused(self.client.submit, KLING, an_input(), headers=headers)
        self.assertEqual((error.status_code, error.error_type), (400, "bad_request"))

    def test_a_longer_queue_than_wanted_is_a_429(self):
        self.occupy_all_runners()
        self.hold()
        # No official client has an option for it.
        answer = httpx.post(
            f"{hosts.QUEUE}/{KLING}?fal_max_queue_length=0",
            headers={"Authorization": f"Key {KEY}"},
            json=an_input(),
        )
        self.assertEqual(answer.status_code, 429)
