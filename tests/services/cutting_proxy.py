"""A TCP proxy that does to a connection what networks and dying servers do: cuts it, or falls silent.

    with CuttingProxy(("127.0.0.1", 5432), after=10_000, of="server") as proxy: ... connect to proxy.port

`after` counts the bytes of all connections that came from the client or the server (`of`); `at` is a list of byte
strings instead, which the client sends in this order: the last is handed on, and the answer to it is not. `then` says what happens: "cut" ends all connections,
"gone" refuses new ones too, "silent" hands nothing on any more.
"""

import socket
import threading


class CuttingProxy:
    def __init__(self, server, after=None, of="server", at=(), then="cut"):
        self.server, self.after, self.of, self.at, self.then = server, after, of, list(at), then
        self.passed = {"client": 0, "server": 0}
        self.struck = threading.Event()
        self.answer_held = threading.Event()
        self.lock = threading.Lock()
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.end(self.sockets)

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.struck.is_set() and self.then == "gone":
                client.close()
                continue
            server = socket.create_connection(self.server)
            pair = (client, server)
            with self.lock:
                self.sockets += pair
            for side, source, target in (("client", client, server), ("server", server, client)):
                threading.Thread(target=self.forward, args=(side, source, target, pair), daemon=True).start()

    def forward(self, side, source, target, pair):
        try:
            while data := source.recv(16384):
                if self.struck.is_set() and self.then == "silent":
                    continue
                if side == "server" and self.answer_held.is_set() and not self.struck.is_set():
                    self.strike()
                    return
                if side == "client" and self.at and self.at[0] in data:
                    self.at.pop(0)
                    if not self.at:
                        self.answer_held.set()
                room = self.room(side, len(data))
                target.sendall(data[:room])
                if room < len(data):
                    self.strike()
                    if self.then != "silent":
                        return
        except OSError:
            pass
        if self.then != "silent" or not self.struck.is_set():
            self.end(pair)

    def room(self, side, size):
        """How many of the next bytes may pass."""
        with self.lock:
            before = self.passed[side]
            self.passed[side] += size
        if self.after is None or side != self.of or self.struck.is_set():
            return size
        return max(0, min(size, self.after - before))

    def strike(self):
        with self.lock:
            if self.struck.is_set():
                return
            self.struck.set()
            sockets = list(self.sockets)
        if self.then != "silent":
            self.end(sockets)

    @staticmethod
    def end(sockets):
        for each in sockets:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            each.close()
