"""fal's Python client as a contender of `cargo xtask bench client`: its own way to subscribe, with log lines and a callback.

Arguments: how many generations, and how many of them at a time; the rest is for contenders in other languages. What is
printed is explained in `crates/fal-core/benches/clients/line.rs`.
"""

import asyncio
import os
import platform
import sys
import time

import fal_client
import hosts  # noqa: F401  Points the client at the emulator.
import httpx

KLING = "fal-ai/kling-video/v2.1/standard/image-to-video"
GENERATIONS, CONCURRENCY = int(sys.argv[1]), int(sys.argv[2])


def tell(*words):
    print(*words, flush=True)


async def generate(client, files, generation):
    """One generation, from the submit to the last byte of the video."""
    prompt = f"slow push in over the bay at dawn, take {generation}"
    request_ids = []

    def on_queue_update(status):
        if isinstance(status, fal_client.Completed):
            tell("noticed", request_ids[0], time.time_ns() // 1000)

    output = await client.subscribe(
        KLING,
        {"prompt": prompt, "image_url": "https://example.com/still.png", "duration": "5"},
        with_logs=True,
        on_enqueue=request_ids.append,
        on_queue_update=on_queue_update,
    )
    video = await files.get(output["video"]["url"])
    video.raise_for_status()
    return len(video.content)


async def work(client, files, remaining):
    """Takes the next generation for as long as there is one."""
    for generation in remaining:
        try:
            tell("video", generation, await generate(client, files, generation))
        except Exception as error:
            tell("failed", generation, " ".join(f"{type(error).__name__}: {error}".split()))


async def main():
    client = fal_client.AsyncClient(key=os.environ["FAL_KEY"])
    async with httpx.AsyncClient(timeout=120, trust_env=True) as files:
        tell("ready", f"fal-client {fal_client.__version__}, polling (Python {platform.python_version()})")
        sys.stdin.readline()
        remaining = iter(range(GENERATIONS))
        await asyncio.gather(*(work(client, files, remaining) for _ in range(CONCURRENCY)))
    tell("done")
    sys.stdin.read()


asyncio.run(main())
