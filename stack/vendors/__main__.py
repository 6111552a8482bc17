"""python -m stack.vendors --port PORT --state FILE"""

from __future__ import annotations

import argparse
import signal
from pathlib import Path

from stack.vendors.service import Vendors, server
from stack.vendors.state import State

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m stack.vendors", description="stand-ins for the gateway's vendors")
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--state", type=Path, required=True, help="JSON file that keeps the state")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    service = server(arguments.port, Vendors(State(arguments.state)))
    try:
        service.serve_forever()
    except KeyboardInterrupt:
        service.server_close()
