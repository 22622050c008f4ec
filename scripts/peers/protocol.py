"""How a peer is started and asked: scripts/bench starts it, writes a line for each turn, and reads one back."""

import argparse
import json
import sys
import time


def arguments():
    """The command line of every peer: a model, a device, and how PyTorch runs it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=["seemore", "seemoe"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--compile", action="store_true", help="torch.compile instead of eager")
    parser.add_argument("--original", help="folder of the originals' seemore.py and seeMoE.py, to be run instead of ours")
    return parser.parse_args()


def serve(work):
    """Answers {"steps": N} with the seconds that N calls of work took, and with what the last one returned."""
    for line in sys.stdin:
        seconds, loss = [], None
        for _ in range(json.loads(line)["steps"]):
            start = time.perf_counter()
            loss = work()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds, "loss": loss}), flush=True)
