"""Tokens of clients: only those that a known client signed, for this address, now and once."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bedside.cds_hooks.records import request
from tests.bedside.service.serving import QUIET, ask, service
from tests.bedside.service.signing import (
    ASKED,
    ISSUER,
    JKU,
    bearer,
    clients_file,
    key_set,
    private_key,
    public_jwk,
    token,
)

from vertebrisk.bedside.service import logs
from vertebrisk.bedside.service.access import tokens
from vertebrisk.bedside.service.access.clients import load_clients, load_key_set
from vertebrisk.bedside.service.access.keys import load_keys, new_key
from vertebrisk.bedside.service.access.tokens import Refused, Tokens
from vertebrisk.bedside.service.app import Service
from vertebrisk.errors import DataError

DISCOVERY = "/cds-services"


@pytest.fixture
def app(tmp_path: Path) -> Service:
    clients = load_clients(clients_file(tmp_path))
    return service(tmp_path, "plain", settings=replace(QUIET, clients=clients))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    import logging

    stream = io.StringIO()
    logs.log_to(stream)
    yield stream
    for name in (logs.LOGGER, logs.SERVER):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def refusal(checks: Tokens, text: str, address: str = ASKED) -> str:
    with pytest.raises(Refused) as refused:
        checks.owner(text, [address])
    return refused.value.reason


@pytest.mark.parametrize("algorithm", ["ES384", "RS384", "RS256", "ES256"])
def test_a_good_token_is_taken_once(tmp_path: Path, algorithm: str) -> None:
    key = "RS384" if algorithm == "RS256" else algorithm
    key_set(tmp_path, public_jwk(key))
    path = tmp_path / "clients.toml"
    path.write_text(f'[[client]]\nname = "ward"\nissuer = "{ISSUER}"\nkeys = "keys.json"\n')
    app = service(tmp_path, "plain", settings=replace(QUIET, clients=load_clients(path)))
    good = token(algorithm, kid=key, key=private_key(key))
    assert ask(app, "GET", DISCOVERY, headers=bearer(good)).status_code == 200
    again = ask(app, "GET", DISCOVERY, headers=bearer(good))
    assert again.status_code == 401
    assert again.headers["www-authenticate"] == 'Bearer realm="vertebrisk"'


def test_only_the_addresses_of_cds_hooks_ask_for_one(app: Service) -> None:
    assert ask(app, "GET", DISCOVERY).status_code == 401
    assert ask(app, "POST", "/cds-services/plain/feedback").status_code == 401
    assert ask(app, "GET", "/api/v1/models").status_code == 200


def test_a_refusal_says_nothing_of_the_reason_and_the_log_does(
    app: Service, log: io.StringIO
) -> None:
    texts = {
        ask(app, "GET", DISCOVERY, headers=bearer(each)).text
        for each in (token(iss="https://other.example"), token(exp=int(time.time()) - 99), "a.b.c")
    }
    assert len(texts) == 1
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(each["reason"], each.get("client")) for each in lines] == [
        ("unknown-issuer", None),
        ("expired", "ward"),
        ("malformed", None),
    ]
    assert "other.example" not in log.getvalue()


def now() -> int:
    return int(time.time())


@dataclass(frozen=True)
class FromNow:
    """Seconds after the test begins, which may be minutes after it was collected."""

    seconds: int


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        ("unknown-issuer", {"iss": None}),
        ("unknown-issuer", {"iss": [ISSUER]}),
        ("audience", {"aud": None}),
        ("audience", {"aud": f"{ASKED}/"}),
        ("audience", {"aud": [["x"], 3, "http://localhost/cds-services/plain"]}),
        ("no-time", {"exp": None}),
        ("no-time", {"iat": None}),
        ("no-time", {"exp": "9999999999"}),
        ("no-time", {"exp": True}),
        ("no-time", {"exp": 10**400}),
        ("no-time", {"nbf": "now"}),
        ("expired", {"exp": 60, "iat": 0}),
        ("not-yet", {"iat": FromNow(200), "exp": FromNow(300)}),
        ("not-yet", {"nbf": FromNow(200)}),
        ("lifetime", {"exp": FromNow(400)}),
        ("lifetime", {"iat": FromNow(20), "exp": FromNow(10)}),
        ("no-identifier", {"jti": None}),
        ("no-identifier", {"jti": ""}),
        ("no-identifier", {"jti": "x" * 257}),
    ],
)
def test_claims_that_are_refused(tmp_path: Path, reason: str, fields: dict[str, Any]) -> None:
    import jwt
    from tests.bedside.service.signing import claims

    # pyjwt does not write some of these, so the claims are signed as bytes.
    stated = {
        name: now() + value.seconds if isinstance(value, FromNow) else value
        for name, value in fields.items()
    }
    payload = json.dumps(claims(**stated)).encode()
    head = {"kid": "ES384", "typ": "JWT"}
    text = jwt.PyJWS().encode(payload, private_key("ES384"), algorithm="ES384", headers=head)
    assert refusal(Tokens(load_clients(clients_file(tmp_path))), text) == reason


def unsigned(header: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()


def test_signatures_that_are_refused(tmp_path: Path) -> None:
    checks = Tokens(load_clients(clients_file(tmp_path)))
    good = token()
    head, claims, signature = good.split(".")
    none = unsigned({"alg": "none", "kid": "ES384", "typ": "JWT"})
    symmetric = token("HS256", kid="ES384", key="x" * 32)
    weaker = unsigned({"alg": "ES256", "kid": "ES384", "typ": "JWT"})
    other = token().split(".")[1]
    assert refusal(checks, f"{none}.{claims}.") == "malformed"
    assert refusal(checks, f"{none}.{claims}.{signature}") == "unknown-key"
    assert refusal(checks, symmetric) == "unknown-key"
    assert refusal(checks, f"{weaker}.{claims}.{signature}") == "unknown-key"
    assert refusal(checks, token("RS384", kid="ES384")) == "unknown-key"
    assert refusal(checks, f"{head}.{other}.{signature}") == "signature"
    assert refusal(checks, f"{head}.{claims}.{signature[:-8]}AAAAAAAA") == "signature"
    assert refusal(checks, token(key=private_key("ES384"), kid="nobody")) == "unknown-key"
    assert refusal(checks, token(head={"typ": "at+jwt"})) == "malformed"
    assert refusal(checks, token(head={"crit": ["x"], "x": 1})) == "malformed"
    assert refusal(checks, "x" * 9000) == "malformed"
    assert checks.owner(good, [ASKED]) == "ward"


def test_an_address_of_keys_is_compared_and_never_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_socket(*_: object, **__: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", no_socket)
    monkeypatch.setattr("socket.getaddrinfo", no_socket)
    checks = Tokens(load_clients(clients_file(tmp_path)))
    assert checks.owner(token(head={"jku": JKU}), [ASKED]) == "ward"
    assert refusal(checks, token(head={"jku": "https://evil.example/keys"})) == "other-keys"
    assert refusal(checks, token(head={"jku": 3})) == "other-keys"


def test_identifiers_are_remembered_while_their_tokens_are_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_now = [float(now())]
    checks = Tokens(load_clients(clients_file(tmp_path)), clock=lambda: time_now[0])
    made = int(time_now[0])
    long = token(jti="same", iat=made, exp=made + 300)
    assert checks.owner(long, [ASKED]) == "ward"
    for passed in (1.0, 200.0, 329.0):
        time_now[0] = made + passed
        assert refusal(checks, long) == "used-before"
    time_now[0] = made + 331.0
    assert refusal(checks, long) == "expired"
    monkeypatch.setattr(tokens, "MAX_TOKENS", 3)
    time_now[0] = made + 2000.0
    fresh: dict[str, Any] = {"iat": made + 2000, "exp": made + 2300}
    found = [checks.owner(token(**fresh), [ASKED]) for _ in range(3)]
    assert found == ["ward"] * 3
    assert refusal(checks, token(**fresh)) == "too-many"
    time_now[0] += 2 * tokens.REMEMBERED
    later = int(time_now[0])
    assert checks.owner(token(jti="same", iat=later, exp=later + 60), [ASKED]) == "ward"


@given(st.lists(st.tuples(st.floats(0, 2000), st.integers(0, 3)), max_size=30))
def test_no_identifier_is_taken_twice_within_its_time(uses: list[tuple[float, int]]) -> None:
    seen, last = tokens._Seen(), dict[int, float]()
    for at, identity in sorted(uses):
        taken = not seen.add(str(identity), at)
        if identity in last and at - last[identity] < tokens.REMEMBERED:
            assert not taken
        if taken:
            last[identity] = at


@given(st.text(alphabet="abcABC019-_.", max_size=60) | st.text(max_size=40))
def test_what_is_no_token_is_refused(text: str) -> None:
    from vertebrisk.bedside.service.access.clients import Clients

    assert refusal(Tokens(Clients({})), text) in ("malformed", "unknown-issuer")


def test_a_token_is_for_the_address_that_is_asked(app: Service, tmp_path: Path) -> None:
    body = {
        "feedback": [
            {
                "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
                "outcome": "overridden",
                "outcomeTimestamp": "2026-01-02T03:04:05Z",
            }
        ]
    }
    path = "/cds-services/plain/feedback"
    for address, status in (
        ("http://localhost/cds-services/plain/feedback", 200),
        ("http://localhost/cds-services/plain", 200),
        (ASKED, 401),
        ("https://localhost/cds-services/plain", 401),
        ("http://evil.example/cds-services/plain", 401),
    ):
        found = ask(app, "POST", path, json=body, headers=bearer(token(aud=[address])))
        assert found.status_code == status, address
    clients = load_clients(clients_file(tmp_path, 'audiences = ["vertebrisk"]'))
    public = replace(QUIET, clients=clients, public_url="https://risk.example.org/cds")
    app = service(tmp_path, "plain", settings=public)
    for address, status in (
        ("https://risk.example.org/cds/cds-services", 200),
        ("vertebrisk", 200),
        (ASKED, 401),
    ):
        found = ask(app, "GET", DISCOVERY, headers=bearer(token(aud=address)))
        assert found.status_code == status, address


def test_keys_and_tokens_side_by_side(tmp_path: Path) -> None:
    key, line = new_key("desk")
    (tmp_path / "keys.txt").write_text(line)
    both = replace(
        QUIET,
        keys=load_keys(tmp_path / "keys.txt"),
        clients=load_clients(clients_file(tmp_path)),
    )
    app = service(tmp_path, "plain", settings=both)
    assert ask(app, "GET", DISCOVERY, headers=bearer(key)).status_code == 200
    assert ask(app, "GET", DISCOVERY, headers=bearer(token())).status_code == 200
    assert ask(app, "GET", "/api/v1/models", headers=bearer(key)).status_code == 200
    elsewhere = token(aud="http://localhost/api/v1/models")
    assert ask(app, "GET", "/api/v1/models", headers=bearer(elsewhere)).status_code == 401
    assert ask(app, "GET", DISCOVERY).status_code == 401


def test_a_card_needs_a_token_of_its_service(app: Service) -> None:
    path, body = "/cds-services/plain", request({"patient": None})
    signed = token(aud=f"http://localhost{path}")
    assert ask(app, "POST", path, json=body).status_code == 401
    assert ask(app, "POST", path, json=body, headers=bearer(token())).status_code == 401
    assert ask(app, "POST", path, json=body, headers=bearer(signed)).status_code == 200


def test_the_description_says_what_is_asked_for(app: Service) -> None:
    document = ask(app, "GET", "/api/v1/openapi.json").json()
    bearer_token = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    assert document["components"]["securitySchemes"] == {"token": bearer_token}
    assert document["paths"]["/cds-services/{model}"]["post"]["security"] == [{"token": []}]
    assert "security" not in document["paths"]["/api/v1/models"]["get"]


def serve_of(*options: str) -> tuple[int, list[Any]]:
    """Status of the command, and the settings with which it would serve."""
    from vertebrisk.bedside.service import running
    from vertebrisk.cli import main

    found: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "serve", lambda app, *_: found.append(app))
        return main(["serve", "--no-library", *options]), found


def test_the_command_takes_clients_and_an_address(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(clients_file(tmp_path))
    status, (served,) = serve_of("--cds-clients", path, "--public-url", "https://risk.example.org")
    assert status == 0
    assert served.settings.clients.by_issuer[ISSUER].name == "ward"
    assert served.settings.public_url == "https://risk.example.org"
    assert "risk.example.org" in served.settings.hosts
    assert serve_of("--cds-clients", str(tmp_path / "none.toml")) == (2, [])
    assert "The file of clients" in capsys.readouterr().err
    for url in (
        "risk.example.org",
        "https://a/",
        "ftp://a",
        "https://a?b",
        "https://a b",
        "https://",
    ):
        assert serve_of("--public-url", url) == (2, [])
        assert "--public-url" in capsys.readouterr().err


def test_without_pyjwt_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "jwt" else find(name)
    )
    assert serve_of("--cds-clients", str(clients_file(tmp_path))) == (2, [])
    assert capsys.readouterr().err.count("\n") == 1
    assert serve_of()[0] == 0


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ([], "no JSON Web Key Set"),
        ([{"kty": "EC"}], "no 'kid'"),
        ([{"kty": "oct", "kid": "a", "k": "eHh4"}], "private or a symmetric key"),
        ([{**public_jwk("ES384"), "d": "x"}], "private or a symmetric key"),
        ([public_jwk("ES512")], "cannot be used"),
        ([public_jwk("ES384", use="enc")], "cannot be used"),
        ([public_jwk("RS384", alg="PS256")], "cannot be used"),
        ([public_jwk("RS384", alg=["RS384"])], "cannot be used"),
        ([public_jwk("RS384", bits=1024)], "too short"),
        ([public_jwk("ES384", x="AAAA")], "damaged"),
        ([public_jwk("ES384"), public_jwk("ES256", kid="ES384")], "the 'kid' of another"),
    ],
)
def test_keys_that_are_not_trusted(tmp_path: Path, keys: list[Any], message: str) -> None:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": keys}))
    with pytest.raises(DataError, match=message):
        load_key_set(tmp_path / "keys.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a table \[\[client\]\]"),
        ("client = 3", r"a table \[\[client\]\]"),
        ("client = [3]", "no table"),
        ("[[client]]\nname = 'a'\nissuer = 'b'\n", "needs a text as 'keys'"),
        ("[[client]]\nname = 3\nissuer = 'b'\nkeys = 'c'\n", "needs a text as 'name'"),
        ("[[client]]\nname = 'a b'\nissuer = 'b'\nkeys = 'c'\n", "has the name 'a b'"),
        ("[[client]]\nname = 'a'\nissuer = 'b'\nkeys = 'c'\nurl = 'd'\n", "has 'url'"),
        ("[[client]]\nname = 'a'\nissuer = 'b'\nkeys = 'c'\naudiences = 'd'\n", "a list of texts"),
        ("[[client]]\nname = 'a'\nissuer = 'b'\nkeys = 'none.json'\n", "none.json"),
        ("[[client]]\nname = 'a'\nissuer = 'b'\nkeys = 'keys.json'\n" * 2, "the same name or"),
        ("[[client", "not valid TOML"),
    ],
)
def test_files_of_clients_that_are_refused(tmp_path: Path, text: str, message: str) -> None:
    key_set(tmp_path)
    (tmp_path / "clients.toml").write_text(text)
    with pytest.raises(DataError, match=message):
        load_clients(tmp_path / "clients.toml")
