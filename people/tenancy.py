"""Tenancy, first layer: querysets that fail closed.

Every model whose rows belong to an organisation uses ``ScopedManager`` as its default *and* base manager. A query on
it runs only inside a scope: ``within(organisation)`` for the code that serves one VPD, ``everywhere(why)`` for the
few things that serve all (installation, the nightly fan-out). Outside a scope any use raises ScopeMissingError:
forgetting the scope is an error, never "everything" (promises P14).

A request of the console is narrowed further, model by model: ``seeing(organisations, sight)`` shows of each model only
the organisations in which its user may see that model. Somebody who may see people in one organisation and files in
another sees no people of the other, whatever view asks.

The filter is put in when the SQL is compiled, the one point that lists, ``exists``, ``count``, aggregates, sub-queries,
related managers and the async forms all pass. Updates, deletes and inserts are compiled from other query classes,
so the queryset guards those itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Self, TypeVar

from django.db import models
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.query import Query

Row = TypeVar("Row", bound=models.Model, covariant=True)


class ScopeMissingError(RuntimeError):
    """Data of an organisation were asked for outside any scope. A bug in the caller, shown as one."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(
            f"{model._meta.label} was used without saying for which organisations: "
            "enter people.tenancy.within(organisation) or everywhere(why) first"
        )


class OutOfScopeError(PermissionError):
    """A row of an organisation outside the scope was to be written."""


class _Everywhere:
    """The scope that does not narrow."""


EVERYWHERE: Final = _Everywhere()
Scope = frozenset[int] | _Everywhere
# Of a model: the keys of the organisations whose rows of it may be seen.
Sight = Callable[[type[models.Model]], frozenset[int]]

_scope: ContextVar[Scope | None] = ContextVar("organisations_in_scope", default=None)
_sight: ContextVar[Sight | None] = ContextVar("organisations_in_sight", default=None)


@contextmanager
def _entered(scope: Scope | None, sight: Sight | None) -> Iterator[None]:
    scope_before, sight_before = _scope.set(scope), _sight.set(sight)
    try:
        yield
    finally:
        _sight.reset(sight_before)
        _scope.reset(scope_before)


@contextmanager
def within(*organisations: models.Model | int) -> Iterator[None]:
    """Inside, scoped models show and take rows of these organisations only; of none when none is named."""
    with _entered(frozenset(one if isinstance(one, int) else one.pk for one in organisations), None):
        yield


@contextmanager
def everywhere(why: str) -> Iterator[None]:
    """Inside, scoped models show every organisation. ``why`` is for the reader of the call: it must not be empty."""
    if not why:
        raise ValueError("everywhere() needs its reason")
    with _entered(EVERYWHERE, None):
        yield


@contextmanager
def seeing(organisations: Iterable[int], sight: Sight) -> Iterator[None]:
    """Inside, each scoped model shows and takes rows of those of these organisations that ``sight`` gives for it."""
    with _entered(frozenset(organisations), sight):
        yield


@contextmanager
def narrowed_to(organisations: Scope) -> Iterator[None]:
    """Inside, of the scope in force these organisations alone are left: it never widens."""
    scope = _scope.get()
    if isinstance(organisations, frozenset) and scope is not None:
        scope = organisations if isinstance(scope, _Everywhere) else scope & organisations
    with _entered(scope, _sight.get()):
        yield


def current_scope() -> Scope | None:
    """The scope in force, or None outside any."""
    return _scope.get()


def scope_of(model: type[models.Model]) -> Scope:
    """The organisations whose rows of this model may be touched here; none outside any scope."""
    return frozenset() if _scope.get() is None else _scope_for(model)


def check_scope(organisation: models.Model) -> None:
    """For code that writes its SQL by hand: raise unless this organisation is in the scope in force."""
    scope = _scope_for(type(organisation))
    if not isinstance(scope, _Everywhere) and organisation.pk not in scope:
        raise OutOfScopeError(f"{organisation} is not in scope")


def _scope_for(model: type[models.Model]) -> Scope:
    scope = _scope.get()
    if scope is None:
        raise ScopeMissingError(model)
    sight = _sight.get()
    return scope if sight is None or isinstance(scope, _Everywhere) else scope & sight(model)


class ScopedQuery(Query):
    """A SELECT that narrows itself to the scope in force at the moment it is compiled."""

    narrowed = False

    def get_compiler(self, *args: Any, **kwargs: Any) -> SQLCompiler:
        """Narrow a copy once, then compile that."""
        query = self if self.narrowed else self._within_scope()
        compiler: SQLCompiler = super(ScopedQuery, query).get_compiler(*args, **kwargs)
        return compiler

    def _within_scope(self) -> ScopedQuery:
        assert self.model is not None
        scope = _scope_for(self.model)
        if isinstance(scope, _Everywhere):
            return self
        query = self.clone()
        assert isinstance(query, ScopedQuery)
        query.narrowed = True
        query.add_q(models.Q(organisation_id__in=scope))
        return query


class ScopedQuerySet(models.QuerySet[Row]):
    """The queryset of every model that belongs to an organisation."""

    def __init__(
        self, model: type[Row] | None = None, query: Query | None = None, *args: Any, **kwargs: Any
    ) -> None:
        if query is None and model is not None:
            query = ScopedQuery(model)
        super().__init__(model, query, *args, **kwargs)

    def _narrowed(self) -> Self:
        scope = _scope_for(self.model)
        return self if isinstance(scope, _Everywhere) else self.filter(organisation_id__in=scope)

    def update(self, **kwargs: Any) -> int:
        """As Django's, on the rows in scope."""
        self._check_values(kwargs)
        return super(ScopedQuerySet, self._narrowed()).update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]  # as Django marks it: not callable from a template

    def _update(self, values: Any) -> int:
        self._check_values({field.attname: value for field, _, value in values})
        result: int = super(ScopedQuerySet, self._narrowed())._update(values)  # type: ignore[misc]  # private
        return result

    def _raw_delete(self, using: str | None) -> int:
        return super(ScopedQuerySet, self._narrowed())._raw_delete(using)

    def _insert(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        rows = list(objs)
        for row in rows:
            self._check_values({"organisation_id": row.organisation_id})
        return super()._insert(rows, *args, **kwargs)  # type: ignore[misc]  # private: save() and bulk_create() end here

    def _check_values(self, values: dict[str, Any]) -> None:
        scope = _scope_for(self.model)
        organisation = values.get("organisation_id", values.get("organisation"))
        if organisation is None or isinstance(scope, _Everywhere):
            return
        if getattr(organisation, "pk", organisation) not in scope:
            raise OutOfScopeError(
                f"{self.model._meta.label}: this organisation is not in scope, nothing was written"
            )

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Refused within a scope: SQL written by hand cannot be narrowed."""
        if not isinstance(_scope_for(self.model), _Everywhere):
            raise OutOfScopeError(f"{self.model._meta.label}.objects.raw() cannot be narrowed to a scope")
        return super().raw(*args, **kwargs)


class ScopedManager(models.Manager[Row]):
    """The manager of every model that belongs to an organisation and asks no questions of its own."""

    def get_queryset(self) -> ScopedQuerySet[Row]:
        """A queryset that narrows itself."""
        hints = self._hints  # type: ignore[attr-defined]  # as Django's own get_queryset has it; not in its stubs
        return ScopedQuerySet(model=self.model, using=self._db, hints=hints)
