"""The lines the matrix speaks with its Python clients: one JSON request, one JSON answer; bytes as base64."""

import base64
import json
import sys
import time

FETCH_SECONDS_MAX = 30


def packed(data):
    return None if data is None else base64.b64encode(bytes(data)).decode()


def unpacked(text):
    return None if text is None else base64.b64decode(text)


def plain(partition, offset, timestamp, key, value, headers):
    return {
        "partition": partition,
        "offset": offset,
        "timestamp": timestamp,
        "key": packed(key),
        "value": packed(value),
        "headers": [[name, packed(data)] for name, data in headers or []],
    }


def records(request):
    """Partition, timestamp, key, value, headers of each record to send."""
    for record in request["records"]:
        headers = [(name, unpacked(data)) for name, data in record["headers"]]
        yield record["partition"], record["timestamp"], unpacked(record["key"]), unpacked(record["value"]), headers


def collect(count, poll):
    """Calls poll, which gives a list of records, until there are count."""
    found, end = [], time.monotonic() + FETCH_SECONDS_MAX
    while len(found) < count:
        if time.monotonic() > end:
            raise TimeoutError("%d of %d records came" % (len(found), count))
        found += poll()
    return found[:count]


def serve(operations):
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"done": operations[request["operation"]](request)}
        except Exception as error:  # every failure is the test's to judge
            answer = {"failed": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps(answer), flush=True)
