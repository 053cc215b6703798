"""`vertebrisk serve`: models asked over HTTP."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vertebrisk.bedside.service.running import Address
    from vertebrisk.bedside.service.settings import Settings


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "serve",
        help="models as a web service on this machine",
        allow_abbrev=False,
        description="Answer requests for risks by the library's models and by given ones. Only "
        "this machine is answered unless --host says otherwise. Needs the extra 'serve': "
        "pip install 'vertebrisk[serve]'.",
        epilog="Example: vertebrisk serve results/model.json --port 8080",
    )
    parser.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help="model.json of a run, or ID=FILE; taken up anew when it changes",
    )
    parser.add_argument("--no-library", action="store_true", help="only the given models")
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="address to listen to")
    parser.add_argument("--port", type=int, default=8000, metavar="P", help="0: a free one")
    _add_security(parser)
    _add_limits(parser)
    parser.set_defaults(run=_run)


def _add_security(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("who may ask")
    group.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate, PEM")
    group.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    group.add_argument(
        "--insecure-public",
        action="store_true",
        help="answer other machines in clear text (behind a proxy that has TLS)",
    )
    group.add_argument(
        "--api-keys", type=Path, metavar="FILE", help="clients need a key of this file of hashes"
    )
    group.add_argument(
        "--cds-clients",
        type=Path,
        metavar="FILE",
        help="who asks for cards of CDS Hooks needs a token signed by a client of this file",
    )
    group.add_argument(
        "--make-key", metavar="NAME", help="print a new key and its line of the file, and end"
    )
    group.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a further name by which the service may be called",
    )
    group.add_argument(
        "--public-url",
        metavar="URL",
        help="the address by which others know the service, such as https://risk.example.org",
    )
    group.add_argument(
        "--cors-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="an origin whose pages may ask, such as https://ward.example",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how much")
    group.add_argument(
        "--rate", type=float, default=50.0, metavar="N", help="requests a second of one client"
    )
    group.add_argument("--no-rate-limit", action="store_true", help="no such limit")
    group.add_argument(
        "--max-body", type=int, default=4_194_304, metavar="BYTES", help="largest body"
    )
    group.add_argument(
        "--max-patients", type=int, default=10_000, metavar="N", help="most patients of a request"
    )
    group.add_argument("--quiet", action="store_true", help="no log line for every request")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.make_key is not None:
        return _make_key(arguments.make_key)
    _check_installed(arguments)
    from vertebrisk.bedside.service.app import Service
    from vertebrisk.bedside.service.logs import log_to, tell_model
    from vertebrisk.bedside.service.running import Address, serve
    from vertebrisk.bedside.service.store import ModelStore, named_files

    address = Address(
        arguments.host,
        arguments.port,
        arguments.tls_cert,
        arguments.tls_key,
        arguments.insecure_public,
    )
    settings = _settings(arguments, address)
    log_to(sys.stderr)
    store = ModelStore(
        named_files(arguments.models), with_library=not arguments.no_library, told=tell_model
    )
    served = ", ".join(each.id for each in store.models()) or "none"

    def ready(url: str) -> None:
        print(f"Serving {served} at {url} (description: {url}/api/v1/docs). Ctrl+C stops it.")
        sys.stdout.flush()

    serve(Service(store, settings), address, ready)
    return 0


def _make_key(name: str) -> int:
    from vertebrisk.bedside.service.access.keys import new_key

    key, line = new_key(name)
    print(f"key, for the client, shown this once: {key}")
    print(f"line, for the file of --api-keys: {line}")
    return 0


def _settings(arguments: argparse.Namespace, address: Address) -> Settings:
    from vertebrisk._checks import check_positive_int
    from vertebrisk.bedside.service.access.addresses import public_host
    from vertebrisk.bedside.service.access.clients import load_clients
    from vertebrisk.bedside.service.access.keys import load_keys
    from vertebrisk.bedside.service.settings import LOOPBACK_NAMES, Rate, Settings
    from vertebrisk.errors import ArgumentError

    check_positive_int(arguments.max_body, "--max-body")
    check_positive_int(arguments.max_patients, "--max-patients")
    if not 0.0 < arguments.rate <= 1e6:
        raise ArgumentError(f"--rate is {arguments.rate:g}; a number above 0 is needed.")
    for origin in arguments.cors_origin:
        if not origin.startswith(("http://", "https://")) or origin.count("/") != 2:
            raise ArgumentError(
                f"--cors-origin '{origin}' is no origin; one is https://ward.example, without a "
                "path and without a '/' at the end."
            )
    public = () if arguments.public_url is None else (public_host(arguments.public_url),)
    return Settings(
        hosts=(*LOOPBACK_NAMES, *address.names, *arguments.allowed_host, *public),
        cors_origins=tuple(arguments.cors_origin),
        keys=None if arguments.api_keys is None else load_keys(arguments.api_keys),
        clients=None if arguments.cds_clients is None else load_clients(arguments.cds_clients),
        public_url=arguments.public_url or "",
        rate=None
        if arguments.no_rate_limit
        else Rate(arguments.rate, max(1, round(2 * arguments.rate))),
        max_body=arguments.max_body,
        max_patients=arguments.max_patients,
        log_requests=not arguments.quiet,
        https=address.tls,
    )


def _check_installed(arguments: argparse.Namespace) -> None:
    from importlib.util import find_spec

    from vertebrisk.errors import MissingExtraError

    needed = {"starlette": "starlette", "uvicorn": "uvicorn"}
    if arguments.cds_clients is not None:
        needed |= {"jwt": "pyjwt", "cryptography": "cryptography"}
    lacking = [name for module, name in needed.items() if find_spec(module) is None]
    if lacking:
        raise MissingExtraError(
            f"'vertebrisk serve' needs {' and '.join(lacking)}, not installed here: "
            "pip install 'vertebrisk[serve]'."
        )
