"""Uploads in one piece: from memory, from a file, through the older storage, and inside the input."""

import fal_client
import hosts
import httpx
from case import KLING, PICTURE, Case, an_input


class Uploading(Case):
    def test_bytes_come_back_as_they_went(self):
        url = self.client.upload(b"\x00\xff bytes", "application/x-test", file_name="my file.bin")
        self.assertTrue(url.startswith(f"{hosts.CDN}/files/"), url)
        download = httpx.get(url)
        self.assertEqual((download.content, download.headers["content-type"]), (b"\x00\xff bytes", "application/x-test"))

    def test_each_upload_has_an_address_of_its_own(self):
        first, second = (self.client.upload(b"same", "text/plain") for _ in range(2))
        self.assertNotEqual(first, second)

    def test_a_file_becomes_a_video(self):
        url = self.client.upload_file(PICTURE)
        self.assertEqual(httpx.get(url).content, PICTURE.read_bytes())
        self.assertIn("video", self.client.subscribe(KLING, an_input(image_url=url)))

    def test_the_older_storage_works_too(self):
        url = self.client.upload(PICTURE.read_bytes(), "image/png", file_name="a.png", repository="fal")
        download = httpx.get(url)
        self.assertEqual((download.content, download.headers["content-type"]), (PICTURE.read_bytes(), "image/png"))

    def test_a_lifetime_and_an_access_rule_are_taken(self):
        lifecycle = fal_client.StorageSettings(
            expires_in="1h", initial_acl=fal_client.StorageACL(default="allow", rules=[])
        )
        for repository in ("fal_v3", "fal"):
            url = self.client.upload("text", "text/plain", repository=repository, lifecycle=lifecycle)
            self.assertEqual(httpx.get(url).content, b"text", repository)

    def test_a_picture_may_be_part_of_the_input(self):
        self.assertIn("video", self.client.subscribe(KLING, an_input(image_url=fal_client.encode_file(PICTURE))))

    def test_an_upload_without_a_good_key_is_refused(self):
        # The sync client stops at the token, the async one tries the older storage and is refused there.
        with self.assertRaises((httpx.HTTPStatusError, fal_client.FalClientHTTPError)) as refusal:
            self.connect("wrong-id:wrong-secret").upload(b"bytes", "text/plain")
        self.assertEqual(refusal.exception.response.status_code, 401)
