"""Runs every case against both Python clients, and ends with one line that `cargo xtask official-clients` reads."""

import pathlib
import sys
import unittest

import fal_client
from case import Case, WithAsyncClient, WithSyncClient


def suite(pattern):
    """Each case twice, where its name contains the pattern."""
    cases = unittest.TestSuite()
    for client in (WithSyncClient, WithAsyncClient):
        for module in sorted(path.stem for path in pathlib.Path(__file__).parent.glob("test_*.py")):
            for kind in vars(__import__(module)).values():
                if isinstance(kind, type) and issubclass(kind, Case) and kind.__module__ == module:
                    both = type(f"{kind.__name__}{client.__name__}", (client, kind), {})
                    names = unittest.defaultTestLoader.getTestCaseNames(both)
                    cases.addTests(both(name) for name in names if pattern in f"{both.__name__}.{name}")
    return cases


def main():
    """Takes part of a name as its only argument, to run fewer cases."""
    ran = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite("".join(sys.argv[1:])))
    failed = {case.id() for case, _ in ran.failures + ran.errors + ran.skipped}
    failed |= {case.id() for case in ran.unexpectedSuccesses}
    print(f"official client: fal-client {fal_client.__version__}: {ran.testsRun - len(failed)} of {ran.testsRun} cases")
    return 1 if failed or not ran.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
