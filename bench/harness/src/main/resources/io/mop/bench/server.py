"""server.py PORT LOG: answers as JdkServer does; the log is complete when the process has ended by SIGTERM."""
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lines = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        self.answer(404 if self.path.startswith("/missing/") else 503 if self.path.startswith("/busy/") else 200)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201)

    def answer(self, status):
        lines.append(f"{self.command} {self.path} {status}\n")
        self.send_response(status)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"done\n")

    def log_message(self, *words):
        pass


def end(*signal_and_frame):
    with open(sys.argv[2], "w") as log:
        log.writelines(lines)
    os._exit(0)


signal.signal(signal.SIGTERM, end)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
