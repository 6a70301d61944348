"""Two small servers for the tests: a model that says what it was shown, and a proxy that loses answers."""

import http.client
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Double:
    """An HTTP server on a free port."""

    def __init__(self) -> None:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                double.answer(self, self.rfile.read(length))

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, to: BaseHTTPRequestHandler, body: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def reply(to: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    to.send_response(status)
    for name, value in headers.items():
        to.send_header(name, value)
    to.send_header("content-length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)


class Model(Double):
    """Speaks the APIs of OpenAI and Anthropic. To jmem it says that each message is a fact; to others, what it was asked last."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict] = []
        self.fault: int | None = None
        self.delay = 0.0

    def answer(self, to: BaseHTTPRequestHandler, body: bytes) -> None:
        asked = json.loads(body)
        if self.fault is not None:
            return reply(to, self.fault, {}, b"{}")
        if to.path == "/v1/messages":
            self.asked.append(asked)
            content = [{"type": "text", "text": f"You said: {asked['messages'][-1]['content']}"}]
            more = {"stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
            said = {"id": "m", "type": "message", "role": "assistant", "model": asked["model"], "content": content, **more}
        else:
            assert to.path == "/v1/chat/completions", to.path
            message = {"role": "assistant", "content": self.chat(asked)}
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            said = {"id": "c", "object": "chat.completion", "created": 1, "model": asked["model"], "usage": usage}
            said["choices"] = [{"index": 0, "finish_reason": "stop", "message": message}]
        reply(to, 200, {"content-type": "application/json"}, json.dumps(said).encode())

    def chat(self, asked: dict) -> str:
        wanted = asked.get("response_format", {}).get("json_schema", {}).get("name")
        if wanted == "facts":
            time.sleep(self.delay)
            told = json.loads(asked["messages"][1]["content"])["messages"]
            return json.dumps({"facts": [{"text": turn["content"], "categories": []} for turn in told]})
        if wanted:
            return json.dumps({"decisions": []})
        self.asked.append(asked)
        return f"You said: {asked['messages'][-1]['content']}"


class Proxy(Double):
    """Stands before jmem and does what the next word of its script says; with an empty script it only passes on.

    `lose`: the server does the work and its answer is lost. `cut`: half of the answer comes through. `refuse`: the request is lost.
    A number, or a number and headers: this answer, without asking the server.
    """

    def __init__(self, target: str) -> None:
        super().__init__()
        self.target = urlsplit(target).netloc
        self.script: list = []
        self.seen: list[tuple[str, str, str | None]] = []

    def answer(self, to: BaseHTTPRequestHandler, body: bytes) -> None:
        self.seen.append((to.command, to.path, to.headers.get("idempotency-key")))
        act = self.script.pop(0) if self.script else "pass"
        if isinstance(act, int):
            act = (act, {})
        if isinstance(act, tuple):
            return reply(to, act[0], act[1], b"<html>not from the server</html>")
        if act != "refuse":
            server = http.client.HTTPConnection(self.target, timeout=30)
            server.request(to.command, to.path, body or None, dict(to.headers))
            answer = server.getresponse()
            data = answer.read()
            server.close()
        if act == "pass":
            names = ("content-type", "etag", "retry-after", "x-request-id")
            return reply(to, answer.status, {n: v for n, v in answer.getheaders() if n.lower() in names}, data)
        if act == "cut":
            to.send_response(answer.status)
            to.send_header("content-length", str(len(data)))
            to.end_headers()
            to.wfile.write(data[: len(data) // 2])
        to.close_connection = True
