"""A small server that a webhook can be sent to."""

import collections
import http.server
import json
import queue
import threading

Delivery = collections.namedtuple("Delivery", "path headers body")

# Seconds until a delivery that does not come is an error.
PATIENCE = 60


class Listener:
    """Listens on a free port of this machine while it is open, and answers every delivery with 200."""

    def __enter__(self):
        self.deliveries = queue.Queue()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(self.deliveries))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/"

    def next(self):
        """Waits for the next delivery."""
        return self.deliveries.get(timeout=PATIENCE)


def handler(deliveries):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802  The name is the library's.
            body = self.rfile.read(int(self.headers["Content-Length"]))
            deliveries.put(Delivery(self.path, self.headers, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler
