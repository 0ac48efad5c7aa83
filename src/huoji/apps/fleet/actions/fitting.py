"""Fit terminals to conveyances and take them off, with the time at which it was done: positions belong to who carried it then."""

from datetime import datetime

from django.db import transaction

from huoji.apps.accounts import actions as accounts
from huoji.apps.fleet.actions.refusals import refuse
from huoji.apps.fleet.models import Conveyance, Fitting, LastPosition, Terminal
from huoji.apps.fleet.queries import conveyances, terminals
from huoji.core.permission import Actor, Permission


@transaction.atomic
def fit(actor: Actor, *, terminal_id: int, conveyance_id: int, since: datetime, now: datetime) -> None:
    """Fit a terminal to a conveyance as of a time that is not ahead of us."""
    terminal = _locked(actor, terminal_id)
    conveyances.get(actor, conveyance_id=conveyance_id)
    if terminal.conveyance_id == conveyance_id:
        return
    if terminal.conveyance_id is not None:
        raise refuse("fitted_already")
    if since > now:
        raise refuse("fitting_in_future")
    if Fitting.objects.filter(terminal=terminal, until__gt=since).exists():
        raise refuse("fitting_overlaps")
    carrier = Conveyance.objects.select_for_update().get(pk=conveyance_id)
    Fitting.objects.create(terminal=terminal, conveyance=carrier, since=since, dataset=terminal.dataset)
    terminal.conveyance_id = carrier.pk
    terminal.save(update_fields=["conveyance"])
    told = LastPosition.objects.filter(terminal=terminal)
    told.filter(at__gte=since).update(conveyance_id=carrier.pk)
    told.filter(at__lt=since).update(conveyance_id=None)  # it stood there before it was this one's
    _note(actor, terminal, "terminal.fit", conveyance_id=conveyance_id, since=since)


@transaction.atomic
def take_off(actor: Actor, *, terminal_id: int, until: datetime, now: datetime) -> None:
    """Take a terminal off what it is fitted to; what it told until then stays the conveyance's, its last place too."""
    terminal = _locked(actor, terminal_id)
    fitting = Fitting.objects.filter(terminal=terminal, until=None).first()
    if fitting is None:
        raise refuse("not_fitted")
    if until > now:
        raise refuse("fitting_in_future")
    if until <= fitting.since:
        raise refuse("fitting_overlaps")
    fitting.until = until
    fitting.save(update_fields=["until"])
    terminal.conveyance_id = None
    terminal.save(update_fields=["conveyance"])
    _note(actor, terminal, "terminal.take_off", conveyance_id=fitting.conveyance_id, until=until)


def _locked(actor: Actor, terminal_id: int) -> Terminal:
    accounts.require(actor, Permission.FLEET_MANAGE)
    terminals.get(actor, terminal_id=terminal_id)
    return Terminal.objects.select_for_update().get(pk=terminal_id)


def _note(actor: Actor, row: Terminal, verb: str, *, conveyance_id: int, **when: datetime) -> None:
    changed: dict[str, object] = {"conveyance": conveyance_id}
    changed |= {name: f"{at:%Y-%m-%dT%H:%M:%S%z}" for name, at in when.items()}
    accounts.record_audit(actor, verb=verb, target=f"terminal:{row.pk}", changed=changed, dataset=row.dataset)
