#!/usr/bin/env python3
"""ring.py: one keyspace in four processes of four languages, under reads, deletes and kills.

usage: ring.py FOLDER [--show] [--ops N] [--keys N] [--no-skips]

FOLDER/LANGUAGE/member are the programs (docs/conformance.md says what they do). --show is for
people who watch: it draws who owns what. Exit status 1 if anything is not as promised.
"""

import argparse
import collections
import sys
import tempfile
import threading

from ring_member import Failure, Ring


class Checks:
    """What was promised and what was seen; prints a line for each."""

    def __init__(self):
        self.broken = []

    def expect(self, true, sentence, detail=""):
        print(f"  {'ok  ' if true else 'FAIL'} {sentence}" + (f": {detail}" if detail else ""))
        if not true:
            self.broken.append(sentence)
        sys.stdout.flush()


def in_parallel(tasks):
    """The results of functions that run at the same time, in order; the first failure is raised."""
    results = [None] * len(tasks)

    def run(index):
        try:
            results[index] = tasks[index]()
        except Failure as failure:
            results[index] = failure

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, Failure):
            raise result
    return results


def owners(ring, keys):
    """Who loaded each key, as everybody reads it; keys that are not read alike are left out."""
    seen = in_parallel([lambda m=m: [m.ask(f"get {key}") for key in keys] for m in ring.living()])
    alike = {}
    for key, *answers in zip(keys, *seen):
        if len(set(answers)) == 1:
            alike[key] = answers[0].split()[0]
    return alike


def draw(ring, owner):
    count = collections.Counter(owner.values())
    for member in ring.members:
        share = count[member.name] / max(len(owner), 1)
        state = "" if member.alive() else "  (killed)"
        print(f"    {member.name:7} {member.language:5} {'#' * round(share * 60):32} "
              f"{count[member.name]:4} keys{state}")
    sys.stdout.flush()


def expect_one_load_each(ring, checks, keys):
    owner = owners(ring, keys)
    loads = ring.loads()
    checks.expect(len(owner) == len(keys), "everyone reads the same bytes",
                  f"{len(owner)} of {len(keys)} keys")
    once = sum(len(loads[key]) == 1 and loads[key][0] == owner.get(key) for key in keys)
    checks.expect(once == len(keys), "every key was loaded once, by its owner",
                  f"{once} of {len(keys)}")
    busy = len(set(owner.values()))
    checks.expect(busy == len(ring.members), "every member owns keys", f"{busy} members do")
    return owner


def expect_deletes_seen(ring, checks, keys):
    """Each member deletes some keys; nobody reads the old value afterwards."""
    before = {key: ring.members[0].ask(f"get {key}") for key in keys}
    for i, key in enumerate(keys):
        ring.members[i % len(ring.members)].ask(f"delete {key}")
    answers = in_parallel([lambda m=m: [m.ask(f"get {key}") for key in keys]
                           for m in ring.members])
    stale = sum(answer == before[key] for seen in answers for key, answer in zip(keys, seen))
    alike = sum(len(set(seen)) == 1 for seen in zip(*answers))
    checks.expect(stale == 0, "deletes of each are seen by all", f"{stale} stale reads")
    checks.expect(alike == len(keys), "and every key was loaded once more", f"{alike} keys")


def expect_puts_seen(ring, checks, keys):
    wrong = 0
    for i, key in enumerate(keys):
        writer = ring.members[i % len(ring.members)]
        writer.ask(f"put {key} {i}")
        wanted = f"{writer.name} {writer.language} p{i}"
        wrong += sum(member.ask(f"get {key}") != wanted for member in ring.members)
    checks.expect(wrong == 0, "puts of each are read by all", f"{wrong} other values")


def traffic_under_kills(ring, checks, options):
    """Everybody reads all the time while each member in turn is killed and started again."""
    keys = [f"page-{i}" for i in range(options.keys)]
    changes = 0
    done = collections.Counter()
    for turn, victim in enumerate(ring.members):
        for phase in ("kill", "start"):
            readers = [member for member in ring.living() if member is not victim]
            piece = options.ops // (2 * len(ring.members) * len(readers))
            commands = [f"traffic {piece} {options.keys} {1000 * changes + i} 4"
                        for i in range(len(readers))]
            pending = [member.begin(command) for member, command in zip(readers, commands)]
            if phase == "kill":
                victim.kill()
            else:
                victim.start(ring)
            changes += 1
            for answer in pending:
                fields = dict(word.split("=") for word in answer().split())
                for name in ("ops", "wrong", "failed"):
                    done[name] += int(fields[name])
                if "first" in fields:
                    print(f"    {phase} of {victim.name}: {fields['failed']} reads answered "
                          f"{fields['first']}")
            ring.await_agreement()
            # With the view settled, every key is in somebody's memory again before the next change.
            owner = owners(ring, keys)
            if len(owner) < len(keys):
                checks.expect(False, "everyone reads the same bytes", f"{len(owner)} keys")
            if options.show:
                print(f"  {victim.name} ({victim.language}) "
                      f"{'was killed' if phase == 'kill' else 'is back'}")
                draw(ring, owner)
    loads = ring.loads()
    most = max(len(loads[key]) for key in keys)
    over = sum(len(loads[key]) > 1 + changes for key in keys)
    total = sum(len(loads[key]) for key in keys)
    checks.expect(done["wrong"] == 0, f"{done['ops']} reads with {changes} changes of the ring",
                  f"{done['wrong']} wrong values")
    checks.expect(done["failed"] == 0, "no read failed", f"{done['failed']} did")
    checks.expect(over == 0, "one load per key, and at most one more after each change",
                  f"{total} loads of {len(keys)} keys, at most {most} of one")
    return done, total


def run(ring, options):
    checks = Checks()
    names = ", ".join(f"{m.name} in {m.language}" for m in ring.members)
    print(f"ring: {names}")
    in_parallel([lambda m=m: m.start(ring) for m in ring.members])
    ring.await_agreement()
    keys = [f"page-{i}" for i in range(options.keys)]
    owner = expect_one_load_each(ring, checks, keys)
    if options.show:
        draw(ring, owner)
    expect_deletes_seen(ring, checks, [f"deleted-{i}" for i in range(40)])
    expect_puts_seen(ring, checks, [f"put-{i}" for i in range(20)])
    done, loads = traffic_under_kills(ring, checks, options)
    for member in ring.members:
        code = member.quit()
        if code != 0:
            checks.expect(False, f"{member.name} ends in good order", f"status {code}")
    languages = len({member.language for member in ring.members})
    print(f"ring: {languages} languages, {done['ops']} reads, {done['wrong']} wrong, "
          f"{loads} loads of {len(keys)} keys, {len(checks.broken)} promises broken")
    return 1 if checks.broken else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--ops", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=400)
    parser.add_argument("--no-skips", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        ring = Ring(options.folder, scratch)
        if ring.missing and options.no_skips:
            print(f"ring: no member in {', '.join(ring.missing)}")
            return 1
        for language in ring.missing:
            print(f"skipped: {language} has no member here; one in C stands in")
        try:
            return run(ring, options)
        except Failure as failure:
            print(f"ring: FAILED: {failure}")
            return 1
        finally:
            ring.kill_all()


if __name__ == "__main__":
    sys.exit(main())
