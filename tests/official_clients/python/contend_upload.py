"""fal's Python client as a contender of `cargo xtask bench upload`: one file, by `upload_file` of the async client.

The argument is the file; the rest is for contenders in other languages. What is printed is explained in
`crates/fal-upload/benches/upload/race.rs`.
"""

import asyncio
import os
import platform
import sys

import fal_client
import hosts  # noqa: F401  Points the client at the emulator.


async def main():
    client = fal_client.AsyncClient(key=os.environ["FAL_KEY"])
    print("ready", f"fal-client {fal_client.__version__} (Python {platform.python_version()})", flush=True)
    sys.stdin.readline()
    print("done", await client.upload_file(sys.argv[1]), flush=True)
    sys.stdin.readline()


asyncio.run(main())
