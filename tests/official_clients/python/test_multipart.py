"""Uploads in parts, with the client's own limits and with small ones."""

import pathlib
import tempfile
import unittest.mock

import fal_client
import httpx
from case import KLING, PICTURE, Case, an_input

MEBIBYTE = 1024 * 1024


class UploadingInParts(Case):
    def in_parts_of(self, size):
        """Lets the client split whatever is larger."""
        limits = {"MULTIPART_THRESHOLD": size, "MULTIPART_CHUNK_SIZE": size}
        return unittest.mock.patch.multiple(fal_client.client, **limits)

    def test_the_parts_of_bytes_are_joined_in_order(self):
        content = bytes(range(256)) * 5
        with self.in_parts_of(100):
            url = self.client.upload(content, "application/x-test", file_name="parts.bin")
        download = httpx.get(url)
        self.assertEqual((download.content, download.headers["content-type"]), (content, "application/x-test"))

    def test_a_file_in_parts_becomes_a_video(self):
        with self.in_parts_of(MEBIBYTE // 2):
            url = self.client.upload_file(PICTURE, lifecycle=fal_client.StorageSettings(expires_in="1d"))
        self.assertEqual(httpx.get(url).content, PICTURE.read_bytes())
        self.assertIn("video", self.client.subscribe(KLING, an_input(image_url=url)))

    def test_more_than_a_hundred_mebibytes_go_through_with_the_clients_own_limits(self):
        with tempfile.TemporaryDirectory() as folder:
            large = pathlib.Path(folder, "large.bin")
            with large.open("wb") as file:
                for number in range(101):
                    file.write(bytes([number]) * MEBIBYTE)
            url = self.client.upload_file(large)
        with httpx.stream("GET", url) as download:
            for number, chunk in enumerate(download.iter_bytes(MEBIBYTE)):
                self.assertEqual(chunk, bytes([number]) * MEBIBYTE)
        self.assertEqual(number, 100)
