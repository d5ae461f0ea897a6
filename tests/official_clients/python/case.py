"""What every case has: a client, an input, and requests that last as long as they are needed."""

import asyncio
import faulthandler
import functools
import inspect
import os
import pathlib
import unittest

import fal_client
import hosts  # noqa: F401  Imported by every case, so that no call can go to fal itself.

KLING = "fal-ai/kling-video/v2.1/standard/image-to-video"
PICTURE = pathlib.Path(os.environ["FAL_EMULATOR_PICTURE"])
KEY = os.environ["FAL_KEY"]

# Seconds after which a case counts as hung and the whole run ends.
PATIENCE = 120

# Asks the emulator, and nobody else, to keep the request in progress until it is cancelled.
NEVER_FINISHING = {"x-emulator-fault": "never-finishing"}


class Case(unittest.TestCase):
    """One case; it runs once for each of the two clients."""

    def connect(self, key=KEY):
        """A client with this key."""
        raise NotImplementedError

    def setUp(self):
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        self.client = self.connect()

    def hold(self, **options):
        """A request that stays in progress, or in line behind such requests, until it is cancelled."""
        handle = self.client.submit(KLING, an_input(), headers=NEVER_FINISHING, **options)
        self.addCleanup(self.release, handle)
        return handle

    def release(self, handle):
        try:
            handle.cancel()
        except fal_client.FalClientHTTPError as error:
            self.assertEqual(error.status_code, 400, "it has ended already")
        self.until(handle, fal_client.Completed)

    def occupy_all_runners(self):
        """From here on whatever is submitted waits in line. The emulator has two runners, as a new account has on fal."""
        handles = [self.hold(), self.hold()]
        for handle in handles:
            self.until(handle, fal_client.InProgress)
        return handles

    def until(self, handle, status):
        """Polls until the request is in this state, and gives it."""
        while True:
            now = handle.status(with_logs=True)
            if isinstance(now, status):
                return now

    def refused(self, call, *arguments, **options):
        """The error that a call ends with."""
        with self.assertRaises(fal_client.FalClientHTTPError) as refusal:
            call(*arguments, **options)
        return refusal.exception


class WithSyncClient:
    """Proves a case for `SyncClient`."""

    def connect(self, key=KEY):
        return fal_client.SyncClient(key=key)


class WithAsyncClient:
    """Proves a case for `AsyncClient`."""

    def connect(self, key=KEY):
        return Awaited(fal_client.AsyncClient(key=key))


class Awaited:
    """An object of the async client whose coroutines are awaited, so that a case is written once for both clients."""

    loop = asyncio.new_event_loop()

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def call(*arguments, **options):
            outcome = found(*arguments, **options)
            if inspect.isasyncgen(outcome):
                return self.loop.run_until_complete(collected(outcome))
            outcome = self.loop.run_until_complete(outcome)
            return Awaited(outcome) if isinstance(outcome, fal_client.AsyncRequestHandle) else outcome

        return call


async def collected(stream):
    return [item async for item in stream]


@functools.cache
def picture_url():
    """The picture, uploaded once."""
    return fal_client.SyncClient(key=KEY).upload_file(PICTURE)


def an_input(**changes):
    """A good input, with these changes."""
    return {"prompt": "slow zoom in", "image_url": picture_url(), "duration": "5", **changes}
