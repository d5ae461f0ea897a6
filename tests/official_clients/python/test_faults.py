"""What the client makes of a fal that has its bad days: the emulator's faults, asked for by a header."""

import fal_client
import hosts
import httpx
from case import KLING, Case, an_input
from listener import Listener


class Failing(Case):
    def test_a_forbidden_content_is_a_422_without_a_video(self):
        handle = self.client.submit(KLING, an_input(), headers={"x-emulator-fault": "content-policy"})
        self.assertEqual(self.until(handle, fal_client.Completed).error_type, "content_policy_violation")
        error = self.refused(handle.get)
        self.assertEqual((error.status_code, error.message[0]["type"]), (422, "content_policy_violation"))

    def test_a_failed_request_is_completed_with_an_error(self):
        handle = self.client.submit(KLING, an_input(), headers={"x-emulator-fault": "failed"})
        status = self.until(handle, fal_client.Completed)
        self.assertEqual(status.error_type, "internal_error")
        error = self.refused(handle.get)
        self.assertEqual((error.status_code, error.error_type), (500, "internal_error"))
        self.assertEqual(str(error), status.error)

    def test_an_exhausted_balance_is_a_403(self):
        error = self.refused(self.client.submit, KLING, an_input(), headers={"x-emulator-fault": "exhausted-balance"})
        self.assertEqual(error.status_code, 403)
        self.assertTrue(str(error).startswith("User is locked. Reason: Exhausted balance."), str(error))

    def test_a_lost_runner_costs_an_attempt_and_the_request_ends_well_under_its_own_id(self):
        lost = {"x-emulator-fault": "runner-lost"}
        with Listener() as listener:
            handle = self.client.submit(KLING, an_input(), headers=lost, webhook_url=listener.url)
            told = listener.next()
        self.assertEqual((told.body["request_id"], told.body["status"]), (handle.request_id, "OK"))
        self.assertNotEqual(told.body["gateway_request_id"], handle.request_id)
        self.assertEqual(told.body["payload"], handle.get())

    def test_a_refusal_for_the_rate_is_tried_again(self):
        for fault in ("rate-limited", "nginx-502"):
            rule = {"name": fault, "on": "submit", "times": 1}
            added = httpx.post(f"{hosts.EMULATOR}/emulator/faults", json=rule)
            self.assertEqual(added.status_code, 201, added.text)
            self.assertIn("video", self.client.subscribe(KLING, an_input()), fault)
            rules = httpx.get(f"{hosts.EMULATOR}/emulator/faults").json()["faults"]
            self.assertEqual([rule["hits"] for rule in rules if rule["id"] == added.json()["id"]], [1], fault)
