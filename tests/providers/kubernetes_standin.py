#!/usr/bin/env python3
"""kubernetes_standin.py ADDRESS [CERTIFICATE KEY]: what the API server answers to list and watch.

Shapes, versions, bookmarks, pages, expiry and refusals are those of kube-apiserver 1.34, with
which the same tests run (kubernetes_real.py). Orders come as lines of JSON on stdin, each is
answered with a line; the first line is the URL. It ends with its stdin.
"""

import base64
import http.server
import json
import ssl
import sys
import threading
import urllib.parse
import uuid

import kubernetes_objects

COLLECTIONS = {
    "/api/v1/namespaces/default/pods": ("pods", "", "PodList", "v1"),
    "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices":
        ("endpointslices", "discovery.k8s.io", "EndpointSliceList", "discovery.k8s.io/v1"),
}


class State:
    """Everything there is, and every change that has not been compacted away."""

    def __init__(self):
        self.changed = threading.Condition()
        self.version = 1000
        self.oldest = 0  # what is older is gone
        self.objects = {"pods": {}, "endpointslices": {}}
        self.log = []  # (version, collection, type, object, object before)
        self.tokens = None  # any
        self.forbidden = set()  # verbs
        self.failures = []  # (status, headers) of the next requests
        self.raw = None  # in place of a watch
        self.page = None  # objects in a page at most
        self.bookmarks = True
        self.generation = 0  # watches of an older one are cut
        self.requests = {"list": 0, "watch": 0}

    def put(self, collection, made):
        with self.changed:
            self.version += 1
            name = made["metadata"]["name"]
            before = self.objects[collection].get(name)
            made["metadata"]["uid"] = (before["metadata"]["uid"] if before else str(uuid.uuid4()))
            made["metadata"]["resourceVersion"] = str(self.version)
            made["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
            made["metadata"]["managedFields"] = [{"manager": "kubelet", "fieldsV1": {"f:x": {}}}]
            self.objects[collection][name] = made
            self.log.append((self.version, collection, "MODIFIED" if before else "ADDED", made,
                             before))
            self.changed.notify_all()

    def delete(self, collection, name):
        with self.changed:
            self.version += 1
            gone = self.objects[collection].pop(name)
            last = json.loads(json.dumps(gone))
            last["metadata"]["resourceVersion"] = str(self.version)
            self.log.append((self.version, collection, "DELETED", last, gone))
            self.changed.notify_all()


STATE = State()


def matches(made, selector):
    labels = made["metadata"].get("labels", {})
    for term in filter(None, selector.split(",")):
        name, _, value = term.partition("=")
        if labels.get(name) != value:
            return False
    return True


def failure(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": code}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, code, body, headers=()):
        data = (json.dumps(body) + "\n").encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        if url.path not in COLLECTIONS:
            return self.answer(404, failure(404, "NotFound",
                                            "the server could not find the requested resource"))
        collection, group, _, _ = COLLECTIONS[url.path]
        verb = "watch" if query.get("watch") == "true" else "list"
        with STATE.changed:
            STATE.requests[verb] += 1
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if STATE.tokens is not None and token not in STATE.tokens:
                return self.answer(401, failure(401, "Unauthorized", "Unauthorized"))
            if verb in STATE.forbidden:
                return self.answer(403, failure(
                    403, "Forbidden", f'{collection} is forbidden: User "system:serviceaccount:'
                    f'default:default" cannot {verb} resource "{collection}" in API group '
                    f'"{group}" in the namespace "default"'))
            if STATE.failures:
                code, headers = STATE.failures.pop(0)
                return self.answer(code, failure(code, "Failed", "as ordered"), headers)
        if verb == "watch":
            return self.watch(url.path, query)
        return self.list(url.path, query)

    def list(self, path, query):
        collection, _, kind, api_version = COLLECTIONS[path]
        with STATE.changed:
            begin, version = 0, STATE.version
            if "continue" in query:
                token = json.loads(base64.b64decode(query["continue"]))
                begin, version = token["begin"], token["version"]
                if version < STATE.oldest:
                    return self.answer(410, failure(
                        410, "Expired", "The provided continue parameter is too old to display a "
                        "consistent list result."))
            items = [made for _, made in sorted(STATE.objects[collection].items())
                     if matches(made, query.get("labelSelector", ""))]
        size = min(int(query.get("limit", len(items) or 1)), STATE.page or 10**9)
        metadata = {"resourceVersion": str(version)}
        if begin + size < len(items):
            metadata["continue"] = base64.b64encode(json.dumps(
                {"begin": begin + size, "version": version}).encode()).decode()
            metadata["remainingItemCount"] = len(items) - begin - size
        bare = [{name: value for name, value in made.items() if name not in ("kind", "apiVersion")}
                for made in items[begin:begin + size]]
        self.answer(200, {"kind": kind, "apiVersion": api_version, "metadata": metadata,
                          "items": bare})

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, kind, made):
        self.chunk((json.dumps({"type": kind, "object": made}) + "\n").encode())

    def watch(self, path, query):
        collection = COLLECTIONS[path][0]
        selector = query.get("labelSelector", "")
        seen = int(query["resourceVersion"])
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        generation = STATE.generation
        while True:
            with STATE.changed:
                if STATE.raw is not None:
                    data, STATE.raw = STATE.raw, None
                    self.chunk(data)
                if seen < STATE.oldest:
                    self.event("ERROR", failure(
                        410, "Expired",
                        f"too old resource version: {seen} ({STATE.oldest})"))
                    return self.chunk(b"")
                news = [entry for entry in STATE.log if entry[0] > seen]
                if not news and generation == STATE.generation:
                    STATE.changed.wait(1)
                cut = generation != STATE.generation
            for version, where, kind, made, before in news:
                seen = version
                if where != collection:
                    continue
                was = before is not None and matches(before, selector)
                is_now = matches(made, selector)
                if kind == "DELETED" and was:
                    self.event("DELETED", made)
                elif kind != "DELETED" and is_now:
                    self.event("MODIFIED" if was else "ADDED", made)
                elif kind != "DELETED" and was:
                    self.event("DELETED", made)
            if STATE.bookmarks and query.get("allowWatchBookmarks") == "true" and news:
                self.event("BOOKMARK", {
                    "kind": "Pod", "apiVersion": "v1",
                    "metadata": {"resourceVersion": str(seen), "creationTimestamp": None},
                    "spec": {"containers": None}, "status": {}})
            if cut:  # in the middle of the answer, as a proxy that restarts does it
                self.close_connection = True
                return None


def obey(order):
    what = order["do"]
    with STATE.changed:
        if what == "tokens":
            STATE.tokens = order["tokens"]
        elif what == "forbid":
            STATE.forbidden = set(order["verbs"])
        elif what == "fail":
            failed = (order["status"], list(order.get("headers", {}).items()))
            STATE.failures += [failed] * order.get("times", 1)
        elif what == "page":
            STATE.page = order["size"]
        elif what == "compact":
            STATE.oldest = STATE.version + 1
            STATE.version += 1
            STATE.log.clear()
        elif what == "cut":
            STATE.generation += 1
        elif what == "raw":
            STATE.raw = order["text"].encode("latin-1") * order.get("times", 1)
        elif what == "requests":
            return json.dumps(STATE.requests)
        STATE.changed.notify_all()
    if what == "pod":
        made = kubernetes_objects.pod(order)
        if order.get("terminating"):
            made["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        STATE.put("pods", made)
    elif what == "slice":
        STATE.put("endpointslices", kubernetes_objects.endpoint_slice(order))
    elif what == "delete":
        STATE.delete(order.get("collection", "pods"), order["name"])
    return "ok"


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # a client that went away


def main():
    server = Server((sys.argv[1], 0), Handler)
    scheme = "http"
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"{scheme}://{sys.argv[1]}:{server.server_address[1]}", flush=True)
    for line in sys.stdin:
        print(obey(json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
