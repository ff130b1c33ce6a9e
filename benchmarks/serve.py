"""How much does the service carry, how soon does it answer, and what happens when it is stopped or killed?

    python benchmarks/serve.py [--run RUN] [--clients 16] [--seconds 8] [--minutes 10] [--json FILE]

Starts `gen-jax serve` on a free port of this machine and sends it requests from processes that hold their
connections open. Left out, --run is a fashion_dcgan trained for a moment: what it draws does not matter here. The
peers of the throughput are the same service asked by one client, one request at a time, and the same service with
`--batch 1`, which never joins requests. --minutes N adds a soak of N minutes at saturation, with the memory of the
service every 10 seconds. The clients share the cores with the service, so that its rates are lower bounds.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.serve_load import REPOSITORY, Load, Outcome, Request, Server, run_client, serving, summary

PHOTO = 512
LARGE = 2048
"""Sides in pixels of the photos; the large one is for an edit that takes seconds."""
LONG = ("median=7", "gaussian_blur=12", "unsharp_mask=4", "rotate=12", "median=7", "gaussian_blur=9")


def photo(side: int) -> bytes:
    """Return a PNG of smooth shapes with noise on them."""
    import io

    import numpy as np
    from PIL import Image

    rows, columns = np.mgrid[0:side, 0:side]
    waves = np.stack([np.sin(rows / 37), np.cos(columns / 53), np.sin((rows + columns) / 71)], axis=-1)
    noise = np.random.default_rng(0).normal(0, 8, waves.shape)
    buffer = io.BytesIO()
    Image.fromarray(np.clip(waves * 90 + 128 + noise, 0, 255).astype(np.uint8)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def generate(seed: int, num: int = 1) -> Request:
    """Ask for images of the model."""
    body = json.dumps({"seed": seed, "num": num}).encode()
    return Request("POST", "/generate", {"Content-Type": "application/json"}, body, num)


def edit(image: bytes, *words: str) -> Request:
    """Ask for an edited photo."""
    return Request("POST", f"/edit?{'&'.join(f'edit={word}' for word in words)}", {"Content-Type": "image/png"}, image)


def texture(seed: int) -> Request:
    """Ask for a drawn picture."""
    body = json.dumps({"name": "oak", "seed": seed, "height": 256}).encode()
    return Request("POST", "/draw/texture", {"Content-Type": "application/json"}, body)


def small_run(folder: Path) -> str:
    """Train for a moment."""
    run = folder / "fashion_dcgan"
    words = ["train", "fashion_dcgan", "--run-dir", str(run), "--train.images", "3200"]
    command = [sys.executable, "-m", "gen_jax.cli.main", *words]
    subprocess.run(command, check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(run)


def device() -> str:
    """Return the name of the accelerator, asked in a process of its own: a GPU belongs to the service."""
    program = "import jax; print(jax.devices()[0].device_kind)"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def load(server: Server, requests: list[Request], *, clients: int, seconds: float) -> dict[str, Any]:
    """Return the summary of a load."""
    return summary(Load(server.port, requests, clients=clients, seconds=seconds).outcomes())


def alone(server: Server, seconds: float) -> dict[str, Any]:
    """Return the latencies of one client, one request at a time."""
    image = photo(PHOTO)
    kinds = {
        "generate": [generate(seed) for seed in range(64)],
        "edit_512": [edit(image, "rotate=12", "brightness=1.2")],
        "texture_256": [texture(seed) for seed in range(64)],
    }
    figures = {}
    for name, requests in kinds.items():
        run_client(server.port, requests[:1], 0, time.monotonic() + 0.1, [])  # compiles what it needs
        figures[name] = load(server, requests, clients=1, seconds=seconds)
    return figures


def health_while(server: Server, request: Request) -> dict[str, Any]:
    """Return the seconds of one request, and the latencies of GET /healthz while it runs."""
    outcomes: list[Outcome] = []
    probes: list[Outcome] = []
    probe = [Request("GET", "/healthz", {}, b"")]
    sending = threading.Thread(target=run_client, args=(server.port, [request], 0, time.monotonic() + 0.01, outcomes))
    sending.start()
    while sending.is_alive():
        run_client(server.port, probe, 0, time.monotonic() + 0.001, probes)
        time.sleep(0.01)
    return {"edit_seconds": outcomes[0].seconds, "edit_status": outcomes[0].status, "health": summary(probes)}


def stopped(server: Server, *, clients: int, number: int) -> dict[str, Any]:
    """Return what became of the requests of a load that ran when the service got a signal, and its exit code."""
    clients_at_work = Load(server.port, [generate(seed) for seed in range(64)], clients=clients, seconds=3.0)
    time.sleep(1.0)
    at = time.monotonic()
    code = server.stop(number)
    seconds = time.monotonic() - at
    return {"exit_code": code, "seconds": seconds, **summary(clients_at_work.outcomes())}


def soak(server: Server, *, clients: int, minutes: float) -> dict[str, Any]:
    """Return the summary of a long load of several kinds, and the memory that the service held meanwhile."""
    image = photo(PHOTO)
    mixed = [generate(seed) if seed % 4 else edit(image, f"rotate={seed}", "contrast=1.1") for seed in range(60)]
    mixed += [texture(seed) for seed in range(4)]
    clients_at_work = Load(server.port, mixed, clients=clients, seconds=60 * minutes)
    memory = []
    while time.monotonic() < clients_at_work.start + 60 * minutes:
        memory.append((time.monotonic() - clients_at_work.start, server.resident()))
        time.sleep(min(10.0, 6 * minutes))
    later = [(seconds / 60, held / 2**20) for seconds, held in memory if seconds > 15 * minutes]
    slope = statistics.linear_regression(*zip(*later, strict=True)).slope
    return {**summary(clients_at_work.outcomes()), "memory": memory, "mebibytes_a_minute_after_a_quarter": slope}


def measure(run: str, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Return all figures."""
    cache, log = folder / "cache", folder / "log.txt"
    requests = [generate(seed) for seed in range(64)]
    long = edit(photo(LARGE), *LONG)
    figures: dict[str, Any] = {"seconds_to_ready": {}}
    with serving([run], cache=cache, log=log) as server:
        figures["seconds_to_ready"]["empty cache"] = server.wait_ready()
        figures["alone"] = alone(server, options.seconds / 2)
        figures["one_client"] = load(server, requests, clients=1, seconds=options.seconds)
        figures["joined"] = load(server, requests, clients=options.clients, seconds=options.seconds)
        figures["health_while_compiling"] = health_while(server, long)
        figures["health_while_editing"] = health_while(server, long)
        if options.minutes:
            figures["soak"] = soak(server, clients=options.clients, minutes=options.minutes)
        figures["sigterm"] = stopped(server, clients=options.clients, number=signal.SIGTERM)
    with serving([run], cache=cache, log=log) as server:
        server.wait_ready()
        figures["killed"] = stopped(server, clients=options.clients, number=signal.SIGKILL)
    with serving([run], cache=cache, log=log) as server:
        figures["seconds_to_ready"]["after kill -9"] = server.wait_ready()
    with serving([run, "--batch", "1"], cache=cache, log=log) as server:
        server.wait_ready()
        figures["batch_1"] = load(server, requests, clients=options.clients, seconds=options.seconds)
    rate = figures["joined"]["images_per_second"]
    figures["ratios"] = {name: rate / figures[name]["images_per_second"] for name in ("one_client", "batch_1")}
    return figures


def show(figures: dict[str, Any], clients: int) -> None:
    """Print the table."""
    rows = {
        **{f"alone: {name}": row for name, row in figures["alone"].items()},
        "1 client, generate": figures["one_client"],
        f"{clients} clients, --batch 1": figures["batch_1"],
        f"{clients} clients, generate": figures["joined"],
        "health, edit compiles": figures["health_while_compiling"]["health"],
        "health, edit runs": figures["health_while_editing"]["health"],
        "until SIGTERM": figures["sigterm"],
    } | ({"soak": figures["soak"]} if "soak" in figures else {})
    print(f"{'':26}{'images/s':>10}{'p50 ms':>10}{'p99 ms':>10}{'most ms':>10}  others")
    for name, row in rows.items():
        columns = ("images_per_second", "p50_ms", "p99_ms", "most_ms")
        cells = "".join(f"{row.get(column, math.nan):>10.1f}" for column in columns)
        print(f"{name:26}{cells}  {row['others'] or ''}")
    for name, ratio in figures["ratios"].items():
        print(f"joined / {name}: {ratio:.2f}")
    for name in ("health_while_compiling", "health_while_editing"):
        print(f"{name}: the edit took {figures[name]['edit_seconds']:.1f} s, status {figures[name]['edit_status']}")
    for name, seconds in figures["seconds_to_ready"].items():
        print(f"ready, {name}: {seconds:.1f} s")
    term = figures["sigterm"]
    print(f"SIGTERM: exit code {term['exit_code']} after {term['seconds']:.1f} s; lost {term['others'].get('lost', 0)}")
    if "soak" in figures:
        memory = [held / 2**20 for _, held in figures["soak"]["memory"]]
        slope = figures["soak"]["mebibytes_a_minute_after_a_quarter"]
        print(f"memory: {memory[0]:.0f} to {memory[-1]:.0f} MiB, {slope:+.2f} MiB a minute after the first quarter")


def main() -> None:
    """Measure, print a table, write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="as for gen-jax serve")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8.0, help="of one load")
    parser.add_argument("--minutes", type=float, default=0.0, help="of the soak")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = options.run or small_run(Path(folder))
        figures = {"device": device(), "machine": platform.platform(), **measure(run, options, Path(folder))}
    print(f"{figures['device']}, {options.clients} clients, {options.seconds:g} s a load")
    show(figures, options.clients)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
