"""What the Python members share: orders in, one JSON line for each thing that happens, SIGTERM to leave."""

import json
import signal
import sys

ORDERS = json.loads(sys.argv[1])
leaving = False


def leave(*_):
    global leaving
    leaving = True


signal.signal(signal.SIGTERM, leave)


def is_leaving():
    return leaving


def say(**words):
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()
