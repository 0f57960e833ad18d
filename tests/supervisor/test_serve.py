"""A whole service of stand-in processes, started, hurt and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from showctl.model.plan import Cued, Rest
from showctl.model.units import SongFrame
from showctl.shared.boards import plan_reader
from showctl.shared.clock import ClockReader
from showctl.shared.health import Role
from showctl.shared.nightlog import read_night
from showctl.shared.service import read_service, read_show
from tests.supervisor.running import Running, alive, eventually, freeze, plug, refused, running
from tests.supervisor.stand_in import LEASES, PLAYED, RECEIVED


def test_the_ready_line_names_the_processes_that_run(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        health = service.health()
        named = {role: str(health.pid(role)) for role in ("engine", "control", "pacer")}
        assert service.ready == {"osc": f"127.0.0.1:{service.port}", **named, "device": "virtual"}
        assert all(alive(int(pid)) for pid in named.values())


def test_control_is_followed_by_one_that_has_imported_everything(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        waiting = eventually(lambda: standbys(service)[1:], "both standbys")
        control = service.pid("control")
        os.kill(control, signal.SIGKILL)
        assert service.await_other("control", control) in waiting
        eventually(lambda: service.lines(LEASES) == ["1", "2"], "the other lease")


def standbys(service: Running) -> list[int]:
    return [process.pid for process in service.health().processes if process.role == "standby"]


def test_a_service_starts_with_the_first_song_armed_and_a_recording_begun(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        plan = plan_reader(service.directory).read()
        facts = read_service(service.directory)
        assert plan
        assert isinstance(plan.spans[0], Rest)
        assert plan.spans[0].cued == Cued(1, SongFrame(0))
        assert facts.show == plan.show
        assert read_show(service.directory, facts.show).title == "Rooftop"
        assert facts.osc_port == service.port
        assert read_night(Path(facts.night_log)).plan == plan


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_it_ends_everything_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as service:
        eventually(lambda: len(standbys(service)) == 2, "the standbys")
        pids = [process.pid for process in service.health().processes]
        assert len(pids) == 6
        service.process.send_signal(number)
        assert service.process.wait(timeout=10) == 0
        assert not any(alive(pid) for pid in pids)
        assert not service.directory.path.exists()
        assert service.process.stderr
        assert "the night was recorded" in service.process.stderr.read()


@pytest.mark.parametrize("times", [1, 2])
def test_who_does_not_end_when_asked_is_ended(tmp_path: Path, times: int) -> None:
    with running(tmp_path, "--control", "stubborn") as service:
        control = service.pid("control")
        for _ in range(times):
            service.process.send_signal(signal.SIGINT)
        assert service.process.wait(timeout=10) == 0
        assert not alive(control)


def test_ctrl_c_at_the_terminal_reaches_the_supervisor_alone(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        groups = {os.getpgid(service.pid(role)) for role in ("engine", "pacer", "control", "loader")}
        assert len(groups) == 4
        assert os.getpgid(service.process.pid) not in groups


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGUSR1])
def test_an_engine_that_dies_hangs_or_turns_deaf_is_followed_by_the_standby_on_the_same_device(
    tmp_path: Path, number: signal.Signals
) -> None:
    plug(tmp_path, "Scarlett")
    with running(tmp_path, "--device", "scarlett") as service:
        standbys_before = eventually(lambda: (found := standbys(service))[1:] and found, "the standbys")
        engine = service.pid("engine")
        clock = ClockReader(service.directory.clock)
        before = clock.read()
        assert before
        os.kill(engine, number)
        assert service.await_other("engine", engine) in standbys_before
        eventually(lambda: (now := clock.read()) and now.epoch > before.epoch, "sound from the other engine")
        assert not alive(engine)
        eventually(lambda: len(standbys(service)) == 2, "another standby")
        assert service.lines(PLAYED) == ["Scarlett (ALSA)"] * 2


def test_no_datagram_is_lost_while_control_dies_and_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path) as service, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for number in range(60):
            if number in {20, 40}:
                control = service.pid("control")
                eventually(lambda last=number - 1: f"{last}" in service.lines(RECEIVED), "the ones before")  # type: ignore[misc]
                os.kill(control, signal.SIGKILL)
            client.sendto(str(number).encode(), ("127.0.0.1", service.port))
            if number in {21, 41}:
                service.await_other("control", control)
        eventually(lambda: len(service.lines(RECEIVED)) == 60, "all datagrams")
        assert service.lines(RECEIVED) == [str(number) for number in range(60)]
        assert service.lines(LEASES) == ["1", "2", "3"]


@pytest.mark.parametrize("role", ["control", "pacer", "loader"])
def test_a_process_that_freezes_is_replaced(tmp_path: Path, role: Role) -> None:
    with running(tmp_path) as service:
        frozen = service.pid(role)
        os.kill(frozen, signal.SIGSTOP)
        service.await_other(role, frozen)
        assert not alive(frozen)


def test_a_lost_device_is_replaced_by_the_fallback_and_taken_again_when_it_is_back(tmp_path: Path) -> None:
    plug(tmp_path, "Scarlett", "Headphones")
    with running(tmp_path, "--device", "scarlett", "--fallback", "headph") as service:
        engine = service.pid("engine")
        plug(tmp_path, "Headphones")
        os.kill(engine, signal.SIGSTOP)
        eventually(lambda: service.lines(PLAYED)[-1] == "headph", "the fallback")
        assert service.health().text == "Scarlett (ALSA) is not there: playing to headph"
        plug(tmp_path)
        os.kill(service.pid("engine"), signal.SIGKILL)
        eventually(lambda: service.lines(PLAYED)[-1] == "virtual", "the virtual device")
        plug(tmp_path, "Scarlett")
        eventually(lambda: service.lines(PLAYED)[-1] == "Scarlett (ALSA)", "the wanted device")
        eventually(lambda: service.health().text == "", "nothing to complain of")
        assert service.lines(PLAYED) == ["Scarlett (ALSA)", "headph", "virtual", "Scarlett (ALSA)"]


def test_what_a_killed_supervisor_leaves_is_ended_by_the_next_one(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        frozen = first.pid("loader")
        others = [first.pid(role) for role in ("engine", "pacer", "control")]
        freeze(frozen)
        first.process.kill()
        first.process.wait()
        eventually(lambda: not any(alive(pid) for pid in others), "that they notice")
        assert alive(frozen)
        with running(tmp_path) as second:
            assert not alive(frozen)
            second.process.send_signal(signal.SIGTERM)
            assert second.process.wait(timeout=10) == 0


def test_a_second_service_in_the_same_place_is_refused(tmp_path: Path) -> None:
    with running(tmp_path):
        assert "is in use by another service" in refused(tmp_path)


def test_a_taken_port_is_one_sentence_with_the_option_that_changes_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        sentence = f"UDP port {port} is in use by another program: stop that, or choose another port with --osc-port\n"
        assert refused(tmp_path, "--osc-port", str(port)) == sentence


def test_a_named_device_that_is_missing_is_refused_with_what_there_is(tmp_path: Path) -> None:
    plug(tmp_path, "Headphones")
    told = refused(tmp_path, "--device", "scarlett")
    assert "Headphones (ALSA)" in told
    assert "--device virtual" in told
    assert not (tmp_path / "run").exists()


def test_no_device_at_all_means_the_virtual_one_where_any_would_do(tmp_path: Path) -> None:
    plug(tmp_path)
    with running(tmp_path, "--device", "auto") as service:
        assert service.ready["device"] == "virtual"
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=10)
        assert service.process.stderr
        assert "playing to the virtual device, which nobody hears" in service.process.stderr.read()


def test_a_device_with_too_few_outputs_is_refused_unless_buses_may_be_left_out(tmp_path: Path) -> None:
    plug(tmp_path, "Headphones", outputs=2)
    told = refused(tmp_path, "--device", "auto")
    assert "the show needs 4 outputs, the device has 2" in told
    assert "--allow-missing" in told
    with running(tmp_path, "--device", "auto", "--allow-missing") as service:
        facts = read_service(service.directory)
        assert [bus.slug for bus in read_show(service.directory, facts.show).buses] == ["house"]
        plan = plan_reader(service.directory).read()
        assert plan
        assert plan.show == facts.show
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=10)
        assert service.process.stderr
        assert service.process.stderr.read().splitlines()[:3] == [
            "showctl: Headphones (ALSA) has 2 outputs: left out drums",
            "showctl: Rooftop: 1 Closer",
            "showctl: outputs of Headphones (ALSA): house 1-2 (audience)",
        ]


def test_a_process_that_never_comes_up_ends_in_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    told = refused(tmp_path, "--control", "broken")
    log = tmp_path / "service.log"
    assert told.splitlines()[-1] == f"the service does not come up, no answer from control: see {log}"
    assert "Traceback (most recent call last): broken" in log.read_text()
    left = subprocess.run(["pgrep", "-f", str(tmp_path / "run")], capture_output=True, text=True, check=False)
    assert left.stdout == ""
