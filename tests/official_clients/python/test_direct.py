"""Direct calls, past the queue: `run` and `stream`."""

import fal_client
import httpx_sse
from case import KLING, Case, an_input


class CallingDirectly(Case):
    def test_run_gives_the_output_itself(self):
        output = self.client.run(KLING, an_input(), start_timeout=30)
        self.assertEqual(output["video"]["content_type"], "video/mp4")

    def test_stream_gives_events_and_the_output_as_the_last(self):
        events = list(self.client.stream(KLING, an_input()))
        self.assertGreater(len(events), 1)
        self.assertEqual(events[-1]["video"]["content_type"], "video/mp4")

    def test_a_faulty_input_is_an_error_of_run(self):
        error = self.refused(self.client.run, KLING, an_input(duration="7"))
        self.assertEqual((error.status_code, error.message[0]["loc"]), (422, ["body", "duration"]))

    def test_a_faulty_input_is_no_stream(self):
        with self.assertRaises(httpx_sse.SSEError):
            list(self.client.stream(KLING, an_input(duration="7")))

    def test_a_call_of_what_does_not_exist_is_a_404(self):
        error = self.refused(self.client.run, "fal-ai/no-such-model", {})
        self.assertEqual(error.status_code, 404)

    def test_beyond_the_runners_a_call_is_refused_until_one_is_free(self):
        first, _ = self.occupy_all_runners()
        limit = fal_client.client.MAX_ATTEMPTS
        fal_client.client.MAX_ATTEMPTS = 1
        self.addCleanup(setattr, fal_client.client, "MAX_ATTEMPTS", limit)
        error = self.refused(self.client.run, KLING, an_input())
        self.assertEqual((error.status_code, error.error_type), (429, "concurrent_requests_limit"))
        first.cancel()
        self.until(first, fal_client.Completed)
        self.assertIn("video", self.client.run(KLING, an_input()))
