"""The command line: `minikube-py serve` (the default), `why`, `trace`, `node`.

What a command needs is imported when it runs, so that --help answers at once.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence

from minikube_py.refusal import Refused
from minikube_py.release import __version__

DEFAULT_PORT = 8080
DEFAULT_SERVER = f"http://127.0.0.1:{DEFAULT_PORT}"


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="minikube-py", description="An in-memory Kubernetes control plane in one Python process."
    )
    root.add_argument("--version", action="version", version=f"minikube-py {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="run a control plane (the default)"))
    why = commands.add_parser("why", help="tell why an object is as it is: the chain of writes back to a request")
    why.add_argument("object", metavar="KIND/NAME", help="pod/web-5d4f-abcde")
    why.add_argument("-n", "--namespace", default="default")
    trace = commands.add_parser("trace", help="show the reconciles of the controllers")
    trace.add_argument("-f", "--follow", action="store_true", help="go on as they happen")
    verbs = _add_node(commands.add_parser("node", help="add, remove, stop or start a simulated node"))
    for command in (why, trace, *verbs):
        command.add_argument("--server", default=DEFAULT_SERVER, help="of the control plane (default: %(default)s)")
    for command in (why, trace):
        command.add_argument("-o", "--output", choices=("text", "json"), default="text")
    return root


def _add_node(node: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    verbs = node.add_subparsers(dest="verb", metavar="VERB", required=True)
    add = verbs.add_parser("add", help="one more node")
    add.add_argument("name", metavar="NAME", nargs="?", default="", help="(default: node-N, the next that is free)")
    add.add_argument("--label", action="append", default=[], metavar="KEY=VALUE")
    add.add_argument("--taint", action="append", default=[], metavar="KEY=VALUE:EFFECT")
    add.add_argument("--capacity", action="append", default=[], metavar="RESOURCE=QUANTITY", help="cpu=4")
    others = {
        "remove": "end its kubelet and delete the Node",
        "stop": "its kubelet falls silent: NotReady after 50 s, its pods are evicted 300 s later",
        "start": "its kubelet starts again, and catches up on its pods",
    }
    parsers = [add]
    for verb, text in others.items():
        parsers.append(verbs.add_parser(verb, help=text))
        parsers[-1].add_argument("name", metavar="NAME")
    return parsers


def _add_serve(serve: argparse.ArgumentParser) -> None:
    add = serve.add_argument
    add("--port", type=_port, default=DEFAULT_PORT, help="port for HTTP, 0 for a free one (default: %(default)s)")
    add("--address", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--insecure-allow-remote", action="store_true", help="allow an --address that others reach, as administrators")
    add("--nodes", type=int, help="how many simulated nodes (default: 3)")
    add("--controllers", help="which controllers run, e.g. '*,-deployment-controller' (default: *)")
    add("--kubernetes-version", help="which version to answer as, 1.25 to 1.37 (default: 1.37)")
    add("--service-cluster-ip-range", help="range of cluster IPs (default: 10.96.0.0/16)")
    add("--service-node-port-range", help="range of node ports (default: 30000-32767)")
    add("--cluster-cidr", help="range of the networks of nodes, each a /24 (default: 10.244.0.0/16)")
    add(
        "--load-balancer-ip-range",
        help="addresses of Services of type LoadBalancer (default: 172.18.255.200-172.18.255.250)",
    )
    add("--event-ttl", help="how long events are kept, 0 for ever (default: 1h0m0s)")
    add("--seed", type=int, help="fixes uids, name suffixes and jitter")
    add("--clock", choices=("real", "virtual"), help="virtual: time moves only by request (default: real)")
    add(
        "--manifests",
        action="append",
        default=[],
        metavar="PATH",
        help="a YAML file, or a folder, to apply at the start",
    )
    add(
        "--images",
        action="append",
        default=[],
        metavar="FILE",
        help="a Python file whose IMAGES are the programs that containers run, by name of their image",
    )
    add("--kubeconfig", metavar="FILE", help="write a kubeconfig for this control plane")
    add("--ready-file", metavar="FILE", help="once ready, write the URLs there, one a line")


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or (given[0].startswith("-") and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, "serve")
    options = parser().parse_args(given)
    try:
        if options.command == "serve":
            # The start makes what stays and little garbage: looking for it took a tenth of the time. `serve` turns
            # collection on again.
            gc.disable()
            from minikube_py.serve import serve

            return serve(options)
        from minikube_py.explorer.commands import run

        return run(options)
    except Refused as error:
        print(f"minikube-py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


if __name__ == "__main__":
    sys.exit(main())
