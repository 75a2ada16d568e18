"""Members of a ring as processes: starting, asking, killing, and what their ledgers say."""

import collections
import os
import pathlib
import select
import socket
import subprocess
import time

LANGUAGES = ("c", "go", "rust", "java")
PATIENCE_S = 180  # met only where something is broken


class Failure(Exception):
    """Something that the run cannot go on after."""


class Member:
    """One member: a process at a time, restarted under its name and ports."""

    def __init__(self, name, language, program, ledger):
        self.name, self.language, self.program, self.ledger = name, language, program, ledger
        self.process = None
        self.received = b""
        self.data_port, self.discovery_port = free_ports(2)

    def alive(self):
        return self.process is not None

    def start(self, ring):
        while True:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE)
            self.received = b""
            try:
                self.ask(f"open {self.ledger} " + " ".join(
                    f"{name}={value}" for name, value in self.properties(ring).items()))
                break
            except Failure as failure:
                # Whoever took the port between its choice and now gives it back.
                self.kill()
                if "ADDRESS_IN_USE" not in str(failure):
                    raise
                time.sleep(0.2)
        self.ask(f"ready {PATIENCE_S * 1000}")

    def properties(self, ring):
        peers = ",".join(f"127.0.0.1:{member.discovery_port}" for member in ring.members)
        return {"node.name": self.name, "bind.port": self.data_port,
                "discovery.port": self.discovery_port, "discovery.provider": "static",
                "discovery.peers": peers, "bootstrap.timeout.ms": 1,
                "read.timeout.ms": "20s", "write.timeout.ms": "20s"}

    def begin(self, command):
        """Sends a command; the function returned waits for its answer."""
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise Failure(f"{self.name} ({self.language}) does not read: {error}") from error
        return lambda: self.answer(command)

    def ask(self, command):
        return self.begin(command)()

    def answer(self, command):
        until = time.monotonic() + PATIENCE_S
        output = self.process.stdout.fileno()
        while b"\n" not in self.received:
            left = until - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                raise Failure(f"{self.name} ({self.language}) does not answer '{command}'")
            part = os.read(output, 65536)
            if not part:
                raise Failure(f"{self.name} ({self.language}) ended at '{command}'")
            self.received += part
        line, self.received = self.received.split(b"\n", 1)
        word, _, text = line.decode().partition(" ")
        if word != "ok":
            raise Failure(f"{self.name} ({self.language}) answers '{command}' with: "
                          f"{line.decode()}")
        return text

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.close()

    def quit(self):
        self.ask("quit")
        return self.close()

    def close(self):
        process, self.process = self.process, None
        process.stdin.close()
        try:
            return process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return "killed, since it did not end"
        finally:
            process.stdout.close()


class Ring:
    def __init__(self, folder, scratch):
        programs = {language: pathlib.Path(folder, language, "member") for language in LANGUAGES}
        self.missing = [language for language in LANGUAGES if not programs[language].exists()]
        if "c" in self.missing:
            raise SystemExit(f"there is no {programs['c']}: ./dev bindings builds it")
        self.members = []
        for i, language in enumerate(LANGUAGES):
            spoken = "c" if language in self.missing else language
            name = "abcd"[i] + "-" + spoken
            self.members.append(Member(name, spoken, programs[spoken], f"{scratch}/{name}.ledger"))

    def living(self):
        return [member for member in self.members if member.alive()]

    def await_agreement(self):
        """Until every living member sees exactly the living ones alive."""
        wanted = {member.name for member in self.living()}
        until = time.monotonic() + PATIENCE_S
        for member in self.living():
            while True:
                states = dict(word.rsplit(":", 1) for word in member.ask("peers").split())
                if {name for name, state in states.items() if state == "alive"} == wanted:
                    break
                if time.monotonic() > until:
                    raise Failure(f"{member.name} sees {states}, not {sorted(wanted)}")
                time.sleep(0.02)

    def loads(self):
        """For each key, by whom it was loaded, as often as it was."""
        loads = collections.defaultdict(list)
        for member in self.members:
            if not os.path.exists(member.ledger):
                continue
            with open(member.ledger, encoding="utf-8") as ledger:
                for line in ledger:
                    key, name, _, _ = line.split()
                    loads[key].append(name)
        return loads

    def kill_all(self):
        for member in self.living():
            member.kill()


def free_ports(count):
    """Ports of 127.0.0.1 that were free a moment ago, below those the system hands out itself."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
