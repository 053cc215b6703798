"""The models that are served: the library's, and files that may change under the service."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vertebrisk._checks import listed
from vertebrisk.bedside.service.compiled import CompiledModel
from vertebrisk.bedside.service.inputs import Reader
from vertebrisk.bedside.service.models.documents import model_document, summary_document
from vertebrisk.bedside.service.models.schemas import patient_schema, request_schema
from vertebrisk.errors import ArgumentError, ModelError, PaperError, VertebriskError
from vertebrisk.evidence.export import find_model
from vertebrisk.evidence.library import library
from vertebrisk.models.portable.identity import model_version, strict_json
from vertebrisk.models.portable.risk_model import RiskModel

CHECK_EVERY = 1.0  # seconds between two looks at the files
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

Told = Callable[[str, str, str], None]
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class ServedModel:
    """A model that is offered, and what answers need of it, made once.

    `version` is that of `model_version`; `whole` and `summary` are its answers to who asks about
    it, `patient` and `request` the JSON Schemas of one patient and of a request for risks. `path`
    is its file's, None for a model of the library.
    """

    id: str
    version: str
    model: RiskModel
    notes: tuple[str, ...]
    origin: str
    compiled: CompiledModel
    reader: Reader
    patient: dict[str, object]
    request: dict[str, object]
    summary: dict[str, object]
    whole: bytes
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A paper of the library that gives no model, and why."""

    id: str
    title: str
    reason: str


@dataclass(slots=True)
class _File:
    """A model file that is looked at again, and why its present content is not served."""

    id: str
    path: Path
    stamp: Stamp | None
    problem: str = ""


class ModelStore:
    """The models by id.

    Parameters
    ----------
    files : iterable of (str, Path)
        Id and path of every given model; see `named_files`.
    with_library : bool
        Serve the models of the library, too.
    told : callable
        Called with an event, an id and a sentence when a file was taken up or refused.
    clock : callable
        Seconds; a test puts its own in place.

    Raises
    ------
    DataError, ModelError, ArgumentError
        When a given file is no model, or two models have one id.
    """

    def __init__(
        self,
        files: Iterable[tuple[str, Path]] = (),
        *,
        with_library: bool = True,
        told: Told = lambda event, model, reason: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._models: dict[str, ServedModel] = {}
        self._files: list[_File] = []
        self._told = told
        self._clock = clock
        self.not_offered: tuple[NotOffered, ...] = ()
        for identity, path in files:
            if identity in self._models:
                raise ArgumentError(
                    f"Two models would have the id '{identity}'; name one: NAME={path}."
                )
            stamp = _stamp(path)
            self._models[identity] = _of_file(identity, path)
            self._files.append(_File(identity, path, stamp))
        if with_library:
            self._add_library()
        self._next = clock() + CHECK_EVERY

    def get(self, identity: str) -> ServedModel | None:
        """The model of this id as it is now, or None."""
        self.refresh()
        return self._models.get(identity)

    def models(self) -> tuple[ServedModel, ...]:
        """All models as they are now: the given files first, then the library's."""
        self.refresh()
        return tuple(self._models.values())

    @property
    def problems(self) -> dict[str, str]:
        """By id, why the present content of a file is not served (an older one is)."""
        return {each.id: each.problem for each in self._files if each.problem}

    def refresh(self) -> None:
        """Take up files that changed; looks at them at most once a second."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + CHECK_EVERY
        for file in self._files:
            stamp = _stamp(file.path)
            if stamp != file.stamp:
                file.stamp = stamp
                self._take_up(file)

    def _take_up(self, file: _File) -> None:
        old = self._models[file.id]
        try:
            new = _of_file(file.id, file.path)
        except VertebriskError as error:
            file.problem = str(error).replace(str(file.path), file.path.name)
            self._told("model-refused", file.id, file.problem)
            return
        file.problem = ""
        if new.version != old.version:
            self._models[file.id] = new
        self._told("model-loaded", file.id, new.version)

    def _add_library(self) -> None:
        refused = []
        for study in library():
            try:
                model, notes = find_model(study.id)
                if study.id not in self._models:
                    self._models[study.id] = served_model(study.id, model, notes, "library")
            except (PaperError, ModelError) as error:
                refused.append(NotOffered(study.id, study.citation.title, str(error)))
        self.not_offered = tuple(refused)


def served_model(
    identity: str, model: RiskModel, notes: tuple[str, ...] = (), origin: str = "file"
) -> ServedModel:
    """A model made ready to be served.

    Raises
    ------
    ModelError
        When it gives no risks, or holds what JSON cannot.
    """
    if model.population.refuses_risks:
        raise ModelError(
            f"The model '{identity}' gives no risks: its controls were matched on "
            f"{listed(model.population.matched)}, so they say nothing of how many have the event."
        )
    try:
        version = model_version(model)
        whole = model_document(identity, version, model, notes, origin)
        return ServedModel(
            id=identity,
            version=version,
            model=model,
            notes=notes,
            origin=origin,
            compiled=CompiledModel(model),
            reader=Reader.of(model.design, model.strata, averages=model.missing_inputs is not None),
            patient=patient_schema(model),
            request=request_schema(identity, model),
            summary=summary_document(whole),
            whole=strict_json(whole).encode("ascii"),
        )
    except VertebriskError:
        raise
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ModelError(
            f"The model '{identity}' is damaged ({type(error).__name__}). Take it from the run "
            "again."
        ) from None


def named_files(given: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Ids and paths from the arguments of the command: ``FILE``, or ``ID=FILE``.

    Without an id, that is the name of the file, or of its folder where the file is called
    model.json, as in the results of a run.
    """
    for text in given:
        name, sign, rest = text.partition("=")
        if sign and not Path(text).exists():
            if not _ID.fullmatch(name):
                raise ArgumentError(
                    f"The id '{name}' of a model is not allowed: small letters a-z, digits, and "
                    "'.', '_', '-' after the first, at most 64."
                )
            yield name, Path(rest)
        else:
            yield _id_of(Path(text)), Path(text)


def _id_of(path: Path) -> str:
    stem = path.stem if path.stem != "model" else path.resolve().parent.name
    identity = re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._")[:64]
    return identity or "model"


def _of_file(identity: str, path: Path) -> ServedModel:
    return replace(served_model(identity, RiskModel.load(path)), path=path)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
