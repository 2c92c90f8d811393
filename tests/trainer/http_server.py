#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A web server that behaves badly in one way for each path.

    http_server.py FOLDER

Prints "HTTP-PORT HTTPS-PORT" (the latter 0 without the openssl command), writes a
line for each request to FOLDER/requests, the certificate to FOLDER/certificate.pem,
and ends when its standard input does. It answers requests to a proxy too. What
differs the first time does so for each query (/cut?a, /cut?b).
"""
import collections
import http.server
import pathlib
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

# As WebServer::content() has it.
CONTENT = bytes((7 * i + i // 251) % 256 for i in range(300_000))
OTHER = CONTENT[::-1]
HALF = len(CONTENT) // 2
DATE = "Tue, 01 Jul 2025 12:00:00 GMT"

folder = pathlib.Path(sys.argv[1])
lock = threading.Lock()
counts = collections.Counter()
http_port = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        with lock:
            counts[self.path] += 1
            self.first = counts[self.path] == 1
            with open(folder / "requests", "a", encoding="utf-8") as log:
                log.write(f"{self.path} range={self.headers.get('Range')} "
                          f"if-range={self.headers.get('If-Range')} "
                          f"agent={self.headers.get('User-Agent')}\n")
        name, _, argument = path[1:].partition("/")
        behaviour = globals().get("serve_" + name.replace("-", "_"))
        try:
            if behaviour is None:
                status(self, 404)
            elif argument:
                behaviour(self, argument)
            else:
                behaviour(self)
        except OSError:  # the client left
            pass

    def asked_from(self):
        """The first byte that is asked for; None: all of them."""
        text = self.headers.get("Range", "")
        return int(text[len("bytes="):-1]) if text else None

    def head(self, code, **fields):
        self.send_response(code)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()


def status(to, code, **fields):
    to.head(code, Content_Length=5, **fields)
    to.wfile.write(b"sorry")


def whole(to, content=CONTENT, **fields):
    to.head(200, Content_Length=len(content), **fields)
    to.wfile.write(content)


def rest(to, content, begin, **fields):
    to.head(206, Content_Length=len(content) - begin,
            Content_Range=f"bytes {begin}-{len(content) - 1}/{len(content)}", **fields)
    to.wfile.write(content[begin:])


def half(to, **fields):
    """The connection closes where half of the file is still to come."""
    to.head(200, Content_Length=len(CONTENT), **fields)
    to.wfile.write(CONTENT[:HALF])


def file(to, content=CONTENT, tag='"1"'):
    begin = to.asked_from()
    if begin is None or to.headers.get("If-Range") not in (tag, DATE):
        whole(to, content, ETag=tag, Last_Modified=DATE)
    else:
        rest(to, content, begin, ETag=tag)


def serve_file(to):
    file(to)


def serve_empty(to):
    whole(to, b"")


def serve_chunked(to):
    to.head(200)  # neither a length nor chunks: up to the connection's end
    to.wfile.write(CONTENT)


def serve_cut(to):
    half(to, ETag='"1"') if to.first else file(to)


def serve_cut_weak(to):
    """Only the date can say whether the file is the same."""
    if to.first:
        half(to, ETag='W/"1"', Last_Modified=DATE)
    elif to.headers.get("If-Range") != DATE:
        status(to, 400)
    else:
        rest(to, CONTENT, to.asked_from(), ETag='W/"1"', Last_Modified=DATE)


def serve_cut_without_validator(to):
    half(to) if to.first else whole(to)


def serve_cut_then_changed(to):
    half(to, ETag='"1"') if to.first else file(to, OTHER, '"2"')


def serve_cut_then_changed_unnoticed(to):
    """A server that knows Range but not If-Range."""
    if to.first:
        half(to, ETag='"1"')
    elif to.asked_from() is not None:
        rest(to, OTHER, to.asked_from(), ETag='"2"')
    else:
        whole(to, OTHER, ETag='"2"')


def serve_cut_then_all(to):
    half(to, ETag='"1"') if to.first else whole(to, ETag='"1"')


def serve_cut_then_other_range(to):
    if to.first:
        half(to, ETag='"1"')
    elif to.asked_from() is not None:
        rest(to, CONTENT, to.asked_from() - 10, ETag='"1"')
    else:
        file(to)


def serve_cut_then_416(to):
    if to.first:
        half(to, ETag='"1"')
    elif to.asked_from() is not None:
        status(to, 416, Content_Range="bytes */10")
    else:
        file(to)


def serve_cut_then_longer(to):
    """More bytes than the range that it announces."""
    if to.first:
        half(to, ETag='"1"')
    else:
        to.head(206, Content_Range=f"bytes {HALF}-{HALF + 9}/{HALF + 10}")
        to.wfile.write(CONTENT[HALF:])


def serve_cut_then_cut_again(to):
    """Fewer bytes than the range that it announces, and no length."""
    if to.first:
        half(to, ETag='"1"')
    else:
        last = len(CONTENT) - 1
        to.head(206, Content_Range=f"bytes {HALF}-{last}/{last + 1}", ETag='"1"')
        to.wfile.write(CONTENT[HALF:HALF + 10])


def serve_stall(to):
    if not to.first:
        file(to)
        return
    half(to, ETag='"1"')
    to.wfile.flush()
    time.sleep(60)


def serve_silent(_):
    time.sleep(60)


def serve_drip(to):
    to.head(200, Content_Length=len(CONTENT))
    for byte in CONTENT[:200]:
        to.wfile.write(bytes([byte]))
        time.sleep(0.05)


def serve_slow(to):
    to.head(200, Content_Length=len(CONTENT), ETag='"1"')
    for begin in range(0, len(CONTENT), 30_000):
        to.wfile.write(CONTENT[begin:begin + 30_000])
        time.sleep(0.1)


def serve_endless(to):
    to.head(200)
    while True:
        to.wfile.write(CONTENT)


def serve_length_too_long(to):
    to.head(200, Content_Length=len(CONTENT) + 1000)
    to.wfile.write(CONTENT)


def serve_length_too_short(to):
    to.head(200, Content_Length=len(CONTENT) - 1000)
    to.wfile.write(CONTENT)


def serve_huge(to):
    to.head(200, Content_Length=1 << 50)
    to.wfile.write(CONTENT)


def serve_wrong(to):
    whole(to, OTHER, ETag='"1"')


def serve_status(to, code):
    status(to, int(code))


def serve_redirect(to, times="1"):
    target = f"/redirect/{int(times) - 1}" if int(times) > 1 else "/file"
    status(to, 302, Location=target)


def serve_loop(to):
    status(to, 301, Location="/loop")


def serve_to_file(to):
    status(to, 302, Location="file:///etc/passwd")


def serve_to_http(to):
    status(to, 302, Location=f"http://127.0.0.1:{http_port}/file")


def start(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # a client that refuses the certificate
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def self_signed():
    """A context, or None without the openssl command."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key),
             "-out", str(certificate)],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def main():
    global http_port
    http_port = start()
    context = self_signed()
    print(http_port, start(context) if context else 0, flush=True)
    sys.stdin.read()


main()
