"""Cancelling: in line, while it runs, too late, and of what nobody knows."""

import uuid

import fal_client
from case import KLING, Case, an_input


class Cancelling(Case):
    def test_a_request_in_line_is_dropped_and_its_result_is_a_499(self):
        self.occupy_all_runners()
        waiting = self.client.submit(KLING, an_input())
        self.until(waiting, fal_client.Queued)
        self.assertIsNone(waiting.cancel())
        self.assert_was_cancelled(waiting)

    def test_a_running_request_is_stopped(self):
        running = self.hold()
        self.until(running, fal_client.InProgress)
        self.client.cancel(KLING, running.request_id)
        self.assert_was_cancelled(running)

    def test_a_request_that_has_ended_cannot_be_cancelled(self):
        handle = self.client.submit(KLING, an_input())
        output = handle.get()
        error = self.refused(handle.cancel)
        self.assertEqual((error.status_code, error.response.json()), (400, {"status": "ALREADY_COMPLETED"}))
        self.assertEqual(handle.get(), output)

    def test_a_request_that_nobody_knows_cannot_be_cancelled(self):
        error = self.refused(self.client.cancel, KLING, str(uuid.uuid4()))
        self.assertEqual((error.status_code, error.response.json()), (404, {"status": "NOT_FOUND"}))

    def test_a_client_that_stops_waiting_cancels(self):
        self.occupy_all_runners()
        with self.assertRaises(fal_client.FalClientTimeoutError) as timeout:
            # Without a start timeout of our own the client asks for one of the same length, and the two would race.
            self.client.subscribe(KLING, an_input(), client_timeout=1.1, start_timeout=60)
        self.assert_was_cancelled(self.client.get_handle(KLING, timeout.exception.request_id))

    def assert_was_cancelled(self, handle):
        self.assertEqual(self.until(handle, fal_client.Completed).error_type, "client_cancelled")
        error = self.refused(handle.get)
        self.assertEqual((error.status_code, error.error_type), (499, "client_cancelled"))
