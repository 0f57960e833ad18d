"""What every process finds when it starts: the show, the first plan, and all shared records."""

from __future__ import annotations

from showctl.model.itinerary import BAR_ONE
from showctl.model.night import Night
from showctl.model.plan import Cued, Plan, Rest
from showctl.model.score import Score
from showctl.model.show import Show, encode_show
from showctl.model.units import Frame
from showctl.shared.boards import create_boards
from showctl.shared.clock import ClockWriter
from showctl.shared.health import Health, health_writer
from showctl.shared.nightlog import begin_night
from showctl.shared.residency import Residency, residency_writer
from showctl.shared.rundir import Lease
from showctl.shared.service import Service, write_service, write_show
from showctl.supervisor.options import Options


def first_plan(show: Show, show_hash: str) -> tuple[Plan, Night]:
    """At rest, with the first entry armed."""
    night = Night.of(show)
    entry = night.step(0, 1)
    rest = Rest(Frame(0), "arm", Cued(entry, BAR_ONE)) if entry else Rest(Frame(0))
    return Plan(version=1, show=show_hash, rate=show.audio.sample_rate, spans=(rest,)), night.seen(entry or 0)


def lay_out(show: Show, options: Options, osc_port: int) -> None:
    """Makes them all, in an empty runtime directory. Raises `RuntimeFilesError` where that cannot be written."""
    directory, show_hash = options.runtime, Score(show).hash
    plan, night = first_plan(show, show_hash)
    write_show(directory, show_hash, encode_show(show))
    create_boards(directory, plan, night)
    ClockWriter(directory.clock)
    Lease(directory.lease)
    health_writer(directory).write(Health())
    residency_writer(directory).write(Residency(show.audio.sample_rate))
    begin_night(options.night_log, plan)
    service = Service(
        show=show_hash,
        folder=str(options.folder),
        cache=str(options.cache),
        night_log=str(options.night_log),
        osc_port=osc_port,
        web_port=show.ports.web if options.web_port is None else options.web_port,
        bind=options.bind,
        interfaces=options.interfaces,
        zeroconf=options.zeroconf,
    )
    write_service(directory, service)
