"""Where the client is pointed at the emulator. This file is all that the emulator makes necessary."""

import os

import fal_client.client as settings

# The emulator's one address, such as http://127.0.0.1:8811, for what is not fal's: its faults.
EMULATOR = os.environ["FAL_EMULATOR_URL"]

if os.environ.get("FAL_EMULATOR_WAY") == "proxy":
    # Nothing is changed: the client calls fal by its own names, and HTTPS_PROXY and SSL_CERT_FILE lead it here.
    QUEUE, CDN = "https://queue.fal.run", "https://v3.fal.media"
else:
    QUEUE, CDN = f"{EMULATOR}/queue", f"{EMULATOR}/cdn"
    settings.QUEUE_URL_FORMAT = f"{QUEUE}/"
    settings.RUN_URL_FORMAT = f"{EMULATOR}/run/"
    settings.REST_URL = f"{EMULATOR}/rest"
    settings.CDN_URL = CDN
