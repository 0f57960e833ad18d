"""What every process finds when it starts: the show, the first plan, and all shared records."""

from __future__ import annotations

import time

import msgspec

from showctl.model.itinerary import BAR_ONE
from showctl.model.mix import ClickMix, Mix
from showctl.model.night import Night
from showctl.model.plan import Cued, MixMark, Plan, Rest
from showctl.model.score import Score
from showctl.model.show import Show, encode_show
from showctl.model.units import Frame
from showctl.shared.boards import create_boards
from showctl.shared.clock import ClockWriter
from showctl.shared.health import Health, health_writer, unreached_writer
from showctl.shared.kept import kept_path, read_kept
from showctl.shared.nightlog import begin_night
from showctl.shared.residency import Residency, residency_writer
from showctl.shared.rundir import Lease
from showctl.shared.service import Service, write_service, write_show
from showctl.supervisor.options import Options

EARLIER_LEVELS = "the levels of earlier tonight hold again"


def first_plan(show: Show, show_hash: str, mix: Mix | None = None) -> tuple[Plan, Night]:
    """At rest, with the first entry armed."""
    night = Night.of(show)
    entry = night.step(0, 1)
    rest = Rest(Frame(0), "arm", Cued(entry, BAR_ONE)) if entry else Rest(Frame(0))
    mixes = (MixMark(Frame(0), mix or Mix()),)
    plan = Plan(version=1, show=show_hash, rate=show.audio.sample_rate, spans=(rest,), mixes=mixes)
    return plan, night.seen(entry or 0)


def lay_out(show: Show, options: Options, osc_port: int, web_port: int, push_port: int = 0) -> str:
    """Makes them all, in an empty runtime directory. Raises `RuntimeFilesError` where that cannot be written.

    Returns a sentence for the user, or nothing.
    """
    directory, show_hash = options.runtime, Score(show).hash
    kept = read_kept(kept_path(options.night_log))
    live = kept.live_for(show, time.time())
    plan, night = first_plan(show, show_hash, live)
    write_show(directory, show_hash, encode_show(show))
    create_boards(directory, plan, night, kept.mixes)
    ClockWriter(directory.clock)
    Lease(directory.lease)
    health_writer(directory).write(Health())
    unreached_writer(directory)
    residency_writer(directory).write(Residency(show.audio.sample_rate))
    begin_night(options.night_log, plan)
    service = Service(
        show=show_hash,
        folder=str(options.folder),
        cache=str(options.cache),
        night_log=str(options.night_log),
        osc_port=osc_port,
        web_port=web_port,
        push_port=push_port,
        bind=options.bind,
        interfaces=options.interfaces,
        zeroconf=options.zeroconf,
    )
    write_service(directory, service)
    return _held_again(live) if live and live != Mix() else ""


def _held_again(live: Mix) -> str:
    """What is not as in the show file, and how it is put back: what is silent for that reason is long looked for."""
    click = live.click
    others = {
        "/mute/all is on": live.mute_all,
        "/talkback is on": live.talkback,
        "/click/only is on": click.only,
        "/click/enabled is off": not click.enabled,
        "the click is set otherwise": msgspec.structs.replace(click, only=False, enabled=True) != ClickMix(),
    }
    said = [text for text, holds in others.items() if holds]
    buses = ["the buses are set otherwise (/mix/revert puts them back)"] if live.buses else []
    return f"{EARLIER_LEVELS}: {', '.join(said + buses)}"
