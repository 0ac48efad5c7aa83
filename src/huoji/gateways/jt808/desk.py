"""What becomes of a message: who may say it, who stores it, and what is answered when."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from huoji.apps.fleet.actions import admitting, contacts, hearing
from huoji.apps.fleet.actions.admitting import Admission, Device
from huoji.apps.fleet.actions.hearing import Ended, Make, Picture, Said
from huoji.core.fleet import CommandState
from huoji.gateways.aside import Aside
from huoji.gateways.jt808 import limits
from huoji.gateways.jt808.downlink import Downlink
from huoji.gateways.jt808.points import point_in
from huoji.gateways.jt808.roster import Roster
from huoji.gateways.jt808.session import Session, Stage
from huoji.gateways.jt808.writer import Writer
from huoji.gateways.keeping import Keep
from huoji.gateways.kinds.terminals import SAID
from huoji.kit import heartbeat, log, trouble
from huoji.wire import jt808
from huoji.wire.jt808 import Content, Header, Message, Position, Result, Version
from huoji.wire.jt808.media import KINDS

SECRETS = ("password",)
ANSWERED_APART = {
    jt808.QueryPosition.ID,
    jt808.QueryParameters.ID,
    jt808.QueryTheseParameters.ID,
    jt808.QueryAttributes.ID,
}


class Desk:
    """Takes the messages of all sessions. What needs an answer of the database, and pictures, are done aside; all else is handed on to be kept."""

    def __init__(self, roster: Roster, aside: Aside, downlink: Downlink, *, keep: Keep) -> None:
        self.roster = roster
        self.aside = aside
        self.downlink = downlink
        self.keep = keep
        self.writer = Writer(on_room=self._make_room, keep=keep)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unknown: set[int] = set()
        self._picture_bytes = 0

    @property
    def is_full(self) -> bool:
        return (
            self.writer.is_full or len(self._tasks) >= limits.DESK_WAITING or self._picture_bytes > limits.PICTURE_BYTES
        )

    def _make_room(self) -> None:
        """Read again from those that had to wait."""
        if not self.is_full:
            self.roster.resume()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        wrong = None if task.cancelled() else task.exception()
        if wrong is not None and trouble.passes(wrong):
            log.KIT.warning("gateway could not reach the database", extra={"error": log.summary_of(wrong)})
        elif wrong is not None:
            log.KIT.error("gateway failed at a message", exc_info=wrong)
            heartbeat.count('huoji_jt808_refused_total{code="failed"}')
        if self.roster.paused:
            self._make_room()

    async def finish(self) -> None:
        """Wait for what was begun."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    # ---- messages

    def take(self, session: Session, message: Message) -> None:
        """Take a message in the order of its terminal."""
        header, content = message.header, message.content
        match content:
            case jt808.PositionReport(position=position) if session.stage is Stage.IN:
                self._store(session, header, [position], history=False)
            case jt808.TimeQuery():
                session.send(jt808.ServerTime(time=int(datetime.now(UTC).timestamp())))
            case _ if session.stage is Stage.ASKING:
                if not session.hold(message):
                    session.connection.close("hasty")
            case jt808.Registration():
                self.roster.sign_out(session)
                session.stage = Stage.ASKING
                self._start(self._register(session, header, content))
            case jt808.Authentication():
                session.stage = Stage.ASKING
                self._start(self._authenticate(session, header, content))
            case _ if session.stage is Stage.STRANGER:
                heartbeat.count('huoji_jt808_refused_total{code="before_sign_in"}')
                session.answer(header, Result.FAILED)
            case _:
                contacts.hear(session.terminal_id, now=datetime.now(UTC), counts={})
                self._take_from_known(session, header, content)

    def _take_from_known(self, session: Session, header: Header, content: Content) -> None:
        match content:
            case jt808.PositionBatch(positions=positions, broken=broken):
                if broken:
                    heartbeat.count('huoji_jt808_refused_total{code="broken_item"}', len(broken))
                    contacts.hear(session.terminal_id, now=datetime.now(UTC), counts={"broken_item": len(broken)})
                self._store(session, header, positions, history=content.is_history)
            case jt808.PositionAnswer(position=position):
                then = partial(self._located, session, content.answer_serial, position)
                self._store(session, header, [position], history=False, then=then)
            case jt808.Heartbeat():
                session.answer(header, Result.OK)
            case jt808.Unregistration():
                session.answer(header, Result.OK)
                self.roster.sign_out(session)
            case jt808.TerminalAnswer():
                self._answered(session, content)
            case jt808.ParametersAnswer() | jt808.Attributes() | jt808.Waybill() | jt808.Driver() | jt808.MediaEvent():
                self._start(self._report(session, header, content))
            case jt808.Media():
                self._start(self._picture(session, content))
            case jt808.TerminalResend():
                session.answer(header, Result.UNSUPPORTED)
            case _:
                heartbeat.count(f'huoji_jt808_unknown_total{{id="{self._name_of(header.message_id)}"}}')
                contacts.hear(session.terminal_id, now=datetime.now(UTC), counts={"unknown": 1})
                session.answer(header, Result.UNSUPPORTED)

    def _name_of(self, message_id: int) -> str:
        """Return how an unknown message is counted; a terminal that makes numbers up gets no counter for each of them."""
        if len(self._unknown) < limits.UNKNOWN_IDS:
            self._unknown.add(message_id)
        return f"0x{message_id:04x}" if message_id in self._unknown else "other"

    def _store(
        self,
        session: Session,
        header: Header,
        positions: "list[Position] | tuple[Position, ...]",
        *,
        history: bool,
        then: Callable[[Result], None] | None = None,
    ) -> None:
        """Give positions to the writer, which answers when they are stored."""
        terminal_id = session.terminal_id
        points = [point_in(position, terminal_id=terminal_id, history=history) for position in positions]
        session.connection.unacknowledged += 1
        self.writer.put(points, session, header.serial, header.message_id, then)

    # ---- signing in

    async def _register(self, session: Session, header: Header, said: jt808.Registration) -> None:
        device = Device(
            number=session.number, version=int(said.layout), maker=said.maker, model=said.model,
            device_id=said.terminal_id, plate=said.plate, colour=said.plate_colour,
        )  # fmt: skip
        try:
            registered = await self.aside.run(admitting.register_terminal, device, now=datetime.now(UTC))
        except trouble.ERRORS:
            self._release(session, Stage.STRANGER)
            raise  # no answer: the terminal asks again
        admission = registered.admission
        heartbeat.count(f'huoji_jt808_registrations_total{{result="{admission.name.lower()}"}}')
        session.send(
            jt808.RegistrationAnswer(answer_serial=header.serial, result=admission, code=registered.code)
        )  # fmt: skip
        if admission is not Admission.ACCEPTED:
            if registered.terminal_id:
                contacts.refuse(registered.terminal_id, why=f"register_{admission.name.lower()}")
            self._failed(session)
        self._release(session, Stage.STRANGER)

    async def _authenticate(self, session: Session, header: Header, said: jt808.Authentication) -> None:
        version = (
            int(header.version) if header.version is Version.V2019 else 0
        )  # an old header does not tell 2011 from 2013
        device = Device(number=session.number, version=version, imei=said.imei, firmware=said.software)
        try:
            standing = await self.aside.run(
                admitting.authenticate_terminal, device, code=said.code, gateway=heartbeat.BEAT.instance,
                peer=session.connection.peer, now=datetime.now(UTC),
            )  # fmt: skip
        except trouble.ERRORS:
            self._release(session, Stage.STRANGER)
            raise
        if session.connection.transport is None:
            return
        heartbeat.count(f'huoji_jt808_sign_ins_total{{ok="{standing is not None}"}}')
        if standing is None:
            self.roster.sign_out(session)
            session.answer(header, Result.FAILED)
            self._failed(session)
            self._release(session, Stage.STRANGER)
            return
        self.roster.sign_in(session, standing)
        session.answer(header, Result.OK)
        self.downlink.wake()
        self._release(session, Stage.IN)

    def _failed(self, session: Session) -> None:
        """Close a connection over which only strangers knock."""
        connection = session.connection
        connection.failed += 1
        if connection.failed >= limits.FAILED_SIGN_INS and not connection.is_known:
            connection.close("failed_sign_ins")

    def _release(self, session: Session, stage: Stage) -> None:
        """Take what was held while the terminal was being looked up."""
        session.stage = stage
        held, session.held = session.held, []
        for message in held:
            self.take(session, message)

    # ---- answers to commands

    def _answered(self, session: Session, answer: jt808.TerminalAnswer) -> None:
        found = session.commands.get(answer.answer_serial)
        if found is None or found[1] != answer.answer_id:
            return
        if answer.result == Result.OK and answer.answer_id in ANSWERED_APART:
            return  # the answer proper follows
        del session.commands[answer.answer_serial]
        done = answer.result in {Result.OK, Result.ALARM_CONFIRMED}
        self._start(self.keep(SAID, [_ended(session, found[0], done=done, result={"result": answer.result})]))

    def _located(self, session: Session, serial: int, position: Position, result: Result) -> None:
        found = session.commands.pop(serial, None)
        if found is not None:
            told = {"at": position.time, "lat": position.latitude, "lon": position.longitude}
            ended = _ended(session, found[0], done=result is Result.OK, result=told)
            self._start(self.keep(SAID, [ended]))

    # ---- reports

    async def _report(self, session: Session, header: Header, content: Content) -> None:
        """Keep what a terminal told and end the command that asked for it, or answer it then."""
        now = datetime.now(UTC)
        kind, at, body = _told(content)
        moment = now if at is None else datetime.fromtimestamp(at, UTC)
        report = hearing.report(session.terminal_id, kind=kind, at=moment, body=body)
        said: list[Said] = [report]
        if isinstance(content, jt808.Attributes):
            device = Device(
                number=session.number, version=int(header.version), maker=content.maker, model=content.model,
                device_id=content.terminal_id, firmware=content.firmware,
            )  # fmt: skip
            said.append(Make(terminal_id=session.terminal_id, device=device))
        if (asked := _asked(session, content)) is not None:
            said.append(_ended(session, asked, done=True, result=report.body))
        refused = await self.keep(SAID, said)
        if not isinstance(content, jt808.ParametersAnswer | jt808.Attributes):
            session.answer(header, Result.FAILED if refused else Result.OK)

    async def _picture(self, session: Session, media: jt808.Media) -> None:
        where = media.position
        picture = Picture(
            media_id=media.media_id, kind=media.kind, format=media.format, event=media.event, channel=media.channel,
            data=media.data, at=where.time if where else None, lat_e6=where.latitude if where else None,
            lon_e6=where.longitude if where else None,
        )  # fmt: skip
        self._picture_bytes += len(media.data)
        try:
            kept = await self.aside.run(hearing.keep_media, session.terminal_id, picture, now=datetime.now(UTC))
        finally:
            self._picture_bytes -= len(media.data)
        heartbeat.count(f'huoji_jt808_media_total{{kept="{kept}"}}')
        session.send(jt808.MediaAnswer(media_id=media.media_id))


def _asked(session: Session, content: Content) -> int | None:
    """Return the command that this answers, which waits no longer."""
    match content:
        case jt808.ParametersAnswer(answer_serial=serial):
            found = session.commands.pop(serial, None)
        case jt808.Attributes():
            asks = (each for each, (_, sent) in session.commands.items() if sent == jt808.QueryAttributes.ID)
            found = session.commands.pop(next(asks, -1), None)
        case _:
            found = None
    return None if found is None else found[0]


def _ended(session: Session, command_id: int, *, done: bool, result: dict[str, Any]) -> Ended:
    state = CommandState.DONE if done else CommandState.FAILED
    return Ended(
        terminal_id=session.terminal_id, command_id=command_id, state=state, result=result, at=datetime.now(UTC)
    )


def _told(content: Content) -> tuple[str, int | None, dict[str, Any]]:
    """Return the kind of a report, its time if it names one, and what is kept of it."""
    match content:
        case jt808.Waybill(text=text):
            return "waybill", None, {"text": text}
        case jt808.Driver():
            who = hearing.masked_driver(name=content.name, identity=content.identity, certificate=content.certificate)
            more = {"status": content.status, "result": content.result, "issuer": content.issuer}
            return "driver", content.time, who | more | {"valid_until": content.valid_until}
        case jt808.ParametersAnswer(parameters=parameters):
            return "parameters", None, {each.name: _shown(each) for each in parameters}
        case jt808.Attributes():
            fields = ("kind", "maker", "model", "terminal_id", "iccid", "hardware", "firmware", "gnss", "radio")
            return "attributes", None, {name: getattr(content, name) for name in fields}
        case jt808.MediaEvent():
            kind = KINDS[content.kind] if content.kind < len(KINDS) else str(content.kind)
            return (
                "media",
                None,
                {"media_id": content.media_id, "kind": kind, "event": content.event, "channel": content.channel},
            )
        case _:
            raise AssertionError(content)


def _shown(parameter: jt808.Parameter) -> int | str:
    """Return a parameter as it may be read; passwords stay out."""
    if any(secret in parameter.name for secret in SECRETS):
        return hearing.HIDDEN
    value = parameter.value
    return value.hex() if isinstance(value, bytes) else value
