#!/usr/bin/env python3
"""bench.py: what a get costs in each language, beside C in the same run.

usage: bench.py FOLDER [--long]

hit      a value of 100 bytes in this process's own memory
remote   a value in the memory of another process on loopback, whose member speaks C

C and each language take turns, several times; every figure is a median, every ratio one of pairs
measured one after the other, so that a busy machine slows both sides.
"""

import statistics
import sys
import tempfile

from ring_member import LANGUAGES, Failure, Member, Ring

TURNS = 5
OPS = {"hit": 200_000, "remote": 4_000}
OPS_LONG = {"hit": 2_000_000, "remote": 40_000}


class Alone(Member):
    """An engine without peers, for hits."""

    def properties(self, ring):
        return {"node.name": self.name, "bind.port": 0, "discovery.port": 0}


class Client(Member):
    """A member that owns nothing: each of its gets goes to the owner."""

    def properties(self, ring):
        return super().properties(ring) | {"node.role": "client", "quorum.min": 2}


class Pair:
    """What Member.start wants of a ring: who else is there."""

    def __init__(self, *members):
        self.members = members


def measure(what, member, ops):
    command = f"bench_hit {ops}" if what == "hit" else f"bench_get {ops} bench-page"
    fields = dict(word.split("=") for word in member.ask(command).split())
    return float(fields["ns"]), fields["allocations"]


def turns(what, members, ops):
    """Nanoseconds of every turn and the allocations of the last one, by language."""
    times = {member.language: [] for member in members}
    allocations = {}
    for _ in range(TURNS):
        for member in members:
            ns, allocations[member.language] = measure(what, member, ops)
            times[member.language].append(ns)
    return times, allocations


def report(what, times, allocations):
    for language, own in times.items():
        ratios = [ns / c for ns, c in zip(own, times["c"])]
        print(f"  {what:7} {language:5} {statistics.median(own):10.0f} ns  "
              f"{statistics.median(ratios):6.2f} x C  "
              f"(of {min(ratios):.2f} to {max(ratios):.2f})  {allocations[language]} allocations")
        sys.stdout.flush()
    return {language: statistics.median(ns / c for ns, c in zip(own, times["c"]))
            for language, own in times.items()}


def run(ring, scratch, ops):
    present = [language for language in LANGUAGES if language not in ring.missing]
    programs = {member.language: member.program for member in ring.members}
    started = []
    ratios = {}
    try:
        alone = [Alone(f"alone-{language}", language, programs[language], f"{scratch}/alone")
                 for language in present]
        for member in alone:
            member.start(Pair(member))
            started.append(member)
        ratios["hit"] = report("hit", *turns("hit", alone, ops["hit"]))

        owner = Member("owner", "c", programs["c"], f"{scratch}/owner")
        owner.start(Pair(owner))
        started.append(owner)
        clients = [Client(f"client-{language}", language, programs[language], f"{scratch}/client")
                   for language in present]
        for member in clients:
            member.start(Pair(owner, member))
            started.append(member)
            if member.ask("get bench-page").split()[0] != "owner":
                raise Failure(f"{member.name} did not read the owner's value")
        ratios["remote"] = report("remote", *turns("remote", clients, ops["remote"]))
    finally:
        for member in started:
            member.kill()
    return ratios


def main():
    with tempfile.TemporaryDirectory() as scratch:
        ring = Ring(sys.argv[1], scratch)
        for language in ring.missing:
            print(f"skipped: {language} has no member here")
        ratios = run(ring, scratch, OPS_LONG if "--long" in sys.argv else OPS)
        parts = [f"{what} " + ", ".join(f"{language} {ratio:.2f}" for language, ratio in of.items()
                                        if language != "c") for what, of in ratios.items()]
        print(f"bench bindings, times C: {'; '.join(parts)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
