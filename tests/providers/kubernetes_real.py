#!/usr/bin/env python3
"""kubernetes_real.py ADDRESS: a real etcd and kube-apiserver that take the stand-in's orders.

DISTCACHE_KUBE_APISERVER names the program; ./dev kubernetes builds it. Nothing runs pods here:
their status is written as a kubelet would. Users have fixed tokens, and rights by RBAC.
"""

import ctypes
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import kubernetes_objects

PORTS = {"etcd": 14379, "peers": 14380, "api": 14443}
KINDS = {"pods": "/api/v1/namespaces/default/pods",
         "endpointslices": "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"}
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/default"


def dies_with_parent():
    ctypes.CDLL("libc.so.6").prctl(1, signal.SIGKILL)


class Api:
    def __init__(self, address, folder):
        self.folder = folder
        self.url = f"https://{address}:{PORTS['api']}"
        self.etcd = self.start("etcd", ["etcd", "--data-dir", str(folder / "etcd"),
            "--listen-client-urls", f"http://{address}:{PORTS['etcd']}",
            "--advertise-client-urls", f"http://{address}:{PORTS['etcd']}",
            "--listen-peer-urls", f"http://{address}:{PORTS['peers']}",
            "--initial-advertise-peer-urls", f"http://{address}:{PORTS['peers']}",
            "--initial-cluster", f"default=http://{address}:{PORTS['peers']}"])
        subprocess.run(["openssl", "genrsa", "-out", str(folder / "sa.key"), "2048"], check=True,
                       capture_output=True)
        self.certificate(address)
        self.tokens = ["secret"]
        self.server = None
        self.address = address
        self.serve()
        self.allow(["list", "watch", "get"])

    def start(self, name, command):
        log = open(self.folder / f"{name}.log", "ab")
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                preexec_fn=dies_with_parent)

    def certificate(self, address):
        (self.folder / "ext").write_text(f"subjectAltName=IP:{address}\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=api", "-addext", f"subjectAltName=IP:{address}",
                        "-keyout", str(self.folder / "api.key"),
                        "-out", os.environ["DISTCACHE_KUBE_CA"]], check=True, capture_output=True)

    def serve(self):
        if self.server:
            self.server.kill()
            self.server.wait()
        users = ["admin-token,admin,1,system:masters"]
        users += [f"{token},member,2" for token in self.tokens]
        (self.folder / "tokens.csv").write_text("\n".join(users) + "\n")
        self.server = self.start("api", [os.environ["DISTCACHE_KUBE_APISERVER"],
            f"--etcd-servers=http://{self.address}:{PORTS['etcd']}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-signing-key-file={self.folder}/sa.key",
            f"--service-account-key-file={self.folder}/sa.key",
            f"--tls-cert-file={os.environ['DISTCACHE_KUBE_CA']}",
            f"--tls-private-key-file={self.folder}/api.key",
            f"--secure-port={PORTS['api']}", f"--bind-address={self.address}",
            f"--advertise-address={self.address}",
            "--service-cluster-ip-range=10.0.0.0/24", "--authorization-mode=RBAC",
            f"--token-auth-file={self.folder}/tokens.csv",
            "--disable-admission-plugins=ServiceAccount"])
        until = time.monotonic() + 120
        while True:
            try:
                return self.call("GET", "/api/v1/namespaces/default")
            except (urllib.error.URLError, ConnectionError, ssl.SSLError, RuntimeError):
                if time.monotonic() > until or self.server.poll() is not None:
                    raise
                time.sleep(0.2)

    def call(self, method, path, body=None, kind="application/json"):
        request = urllib.request.Request(
            self.url + path, method=method, data=json.dumps(body).encode() if body else None,
            headers={"Authorization": "Bearer admin-token", "Content-Type": kind})
        context = ssl.create_default_context(cafile=os.environ["DISTCACHE_KUBE_CA"])
        try:
            with urllib.request.urlopen(request, context=context, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            raise RuntimeError(f"{method} {path}: {refusal.read().decode()}") from refusal

    def call_unless(self, code, *arguments):
        try:
            return self.call(*arguments)
        except RuntimeError as refusal:
            if f'"code":{code}' not in str(refusal).replace(" ", ""):
                raise
            return None

    def allow(self, verbs):
        self.call_unless(404, "DELETE", f"{RBAC}/roles/member")
        self.call_unless(404, "DELETE", f"{RBAC}/rolebindings/member")
        if not verbs:
            return
        rbac = "rbac.authorization.k8s.io"
        self.call("POST", f"{RBAC}/roles", {
            "apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "member"},
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs},
                      {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"],
                       "verbs": verbs}]})
        self.call("POST", f"{RBAC}/rolebindings", {
            "apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": {"name": "member"},
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "member"},
            "subjects": [{"kind": "User", "name": "member", "apiGroup": rbac}]})

    def pod(self, order):
        made = kubernetes_objects.pod(order)
        status = made.pop("status")
        made["spec"].pop("nodeName")
        self.call_unless(409, "POST", KINDS["pods"], made)
        self.call("PATCH", f"{KINDS['pods']}/{order['name']}/status", {"status": status},
                  "application/merge-patch+json")

    def obey(self, order):
        what = order["do"]
        if what == "pod":
            self.pod(order)
        elif what == "slice":
            self.call("POST", KINDS["endpointslices"], kubernetes_objects.endpoint_slice(order))
        elif what == "delete":
            where = KINDS[order.get("collection", "pods")]
            self.call("DELETE", f"{where}/{order['name']}?gracePeriodSeconds=0")
        elif what == "tokens":
            if self.tokens != order["tokens"]:
                self.tokens = order["tokens"]
                self.serve()
        elif what == "forbid":
            self.allow([verb for verb in ("get", "list", "watch") if verb not in order["verbs"]])
        else:
            return f"the real one does not obey {what}"
        return "ok"


def main():
    with tempfile.TemporaryDirectory(prefix="distcache-kubernetes-") as folder:
        api = Api(sys.argv[1], pathlib.Path(folder))
        print(api.url, flush=True)
        for line in sys.stdin:
            print(api.obey(json.loads(line)), flush=True)
        api.server.kill()
        api.etcd.kill()


if __name__ == "__main__":
    main()
