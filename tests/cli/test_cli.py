"""The command line as people use it; the show and its audio are real."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from pythonosc.tcp_client import SimpleTCPClient

import showctl
from showctl.cli import main
from showctl.cli.bounce import start_plan
from showctl.cli.places import show_name
from showctl.cli.shows import cache, load
from showctl.model.plan import Committed, Edit, Rest
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.shared.nightlog import NightLog, begin_night
from showctl.supervisor.layout import first_plan

RATE = 48000
BAR = 2 * RATE  # at 120 in 4/4

SHOW = """\
title = "Rooftop"
setlist = ["opener", "closer", "opener"]
[audio]
device = "virtual"
[buses.house]
channels = [1]
audience = true
[buses.drums]
channels = [2]
[click]
count_in = 1
"""

SONG = """\
title = "{title}"
tempo = 120
sections = [[1, "Intro", "vamp"], [2, "Verse"]]
"""


def noise(seed: int, frames: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, frames).astype(np.float32)


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two songs of two bars of noise, the first bar of which is a vamp without end."""
    monkeypatch.setenv("SHOWCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = tmp_path / "rooftop"
    folder.mkdir()
    (folder / "show.toml").write_text(SHOW)
    for seed, song in enumerate(("opener", "closer")):
        (folder / "songs" / song / "stems").mkdir(parents=True)
        (folder / "songs" / song / "song.toml").write_text(SONG.format(title=song.title()))
        soundfile.write(folder / "songs" / song / "stems" / "bass.wav", noise(seed, 2 * BAR), RATE, "FLOAT")
    return folder


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    capsys.readouterr()
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as exc:  # argparse ends like this
        code = int(exc.code or 0)
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"showctl {showctl.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "COMMAND"),
        (["sevre"], "invalid choice"),
        (["serve", "show", "--osc-port", "65536"], "expected a port from 0 to 65535, got '65536'"),
        (["serve", "show", "--bind", "nowhere"], "expected an address such as 192.168.1.10, got 'nowhere'"),
        (["serve", "show", "--bind", "127.0.0.1", "--interface", "lo"], "not allowed with argument"),
        (["bounce", "show"], "-o"),
        (["browse", "--seconds", "-1"], "expected seconds up to 60, got '-1'"),
    ],
)
def test_wrong_usage_is_exit_code_2(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert told in err


@pytest.mark.parametrize("command", [["check"], ["prepare"], ["serve"], ["bounce", "-o", "out"]])
def test_a_show_that_is_not_there_is_one_sentence(
    capsys: pytest.CaptureFixture[str], show: Path, command: list[str]
) -> None:
    code, out, err = run(capsys, *command, show / "nowhere")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert str(show / "nowhere") in err


def test_a_fault_of_our_own_is_a_line_and_its_traceback_a_file(
    capsys: pytest.CaptureFixture[str], show: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(_root: Path, _prepare: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("showctl.cli.shows.load_show", broken)
    log = tmp_path / "state" / "showctl" / "faults.log"
    told = f"showctl: an error of showctl itself (ZeroDivisionError: by zero): see {log}\n"
    assert run(capsys, "prepare", show) == (1, "", told)
    assert "Traceback" in log.read_text()


# ── check and prepare ──


def test_a_good_show_has_no_problems(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    (show / "show.toml").write_text(SHOW + "[osc]\nport = 0\n")
    code, out, _ = run(capsys, "check", show)
    assert (code, out) == (0, "no problems\n")


def test_problems_are_lines_with_their_places_errors_first_and_counted(
    capsys: pytest.CaptureFixture[str], show: Path
) -> None:
    (show / "show.toml").write_text(SHOW.replace('title = "Rooftop"\n', ""))
    (show / "songs" / "opener" / "song.toml").write_text('title = "Opener"\ntempo = 120\ntempoo = 3\n')
    code, out, _ = run(capsys, "check", show)
    lines = out.splitlines()
    assert code == 1
    assert lines[0].startswith("songs/opener/song.toml, line 3: ")
    assert [line for line in lines if "warning: " in line] == lines[1:-1]
    assert lines[1].startswith("show.toml, line 1: warning: the show has no title")
    assert lines[-1] == f"1 error, {len(lines) - 2} warning{'s' * (len(lines) != 3)}"


AROUND = """\
[targets.video]
profile = "resolume"
host = "127.0.0.1"
[targets.lights]
profile = "eos"
host = "127.0.0.1"
"""

UNHEARD = """\
[osc]
port = 0
prefix = "foh"
[access]
view = ["192.168.1.0/24"]
[clients.ipad]
host = "192.168.1.31"
port = 9000
[[cues]]
on = "start"
to = "lights"
fire = "12"
[[cues]]
on = "stop"
to = "video"
fire = "3"
"""

TELLS = """\
[[cues]]
at = "Verse"
to = "lights"
fire = "blackout"
"""


def test_what_would_reach_nobody_is_told_before_the_show(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    (show / "show.toml").write_text(SHOW + AROUND + UNHEARD)
    (show / "songs" / "closer" / "song.toml").write_text(SONG.format(title="Closer") + TELLS)
    code, out, _ = run(capsys, "check", show)
    assert (code, out.splitlines()) == (
        0,
        [
            'show.toml: warning: the cue "video 3" will not be sent: [targets.video] has profile "resolume", '
            'for which no cue numbers can be sent: write the message out, as in osc = ["/address", 1]',
            'songs/closer/song.toml: warning: the cue "lights blackout" will not be sent: expected a cue such as "12", '
            '"0.5" or "2/12" (list 2) for [targets.lights], got "blackout": correct `fire` in the cue',
            "no errors, 2 warnings",
        ],
    )


def test_a_device_that_is_missing_is_a_problem_of_the_show(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    code, out, _ = run(capsys, "check", show, "--device", "no such device")
    assert code == 1
    assert 'show.toml: no output device fits "no such device"' in out


def test_a_target_that_the_network_does_not_know_is_warned_of(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    with (show / "show.toml").open("a") as file:
        for name, host in (("lights", "lightdesk.invalid"), ("video", "127.0.0.1"), ("here", "localhost")):
            file.write(f'[targets.{name}]\nprofile = "osc"\nhost = "{host}"\nport = 9000\n')
    code, out, _ = run(capsys, "check", show)
    assert (code, out.splitlines()[:-1]) == (
        0,
        [
            'show.toml: warning: [targets.lights] has host = "lightdesk.invalid", a name that this network does not'
            " know: it gets nothing until it does; correct the name, or write the address"
        ],
    )


def test_a_target_that_is_showctl_itself_is_warned_of(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    with (show / "show.toml").open("a") as file:
        file.write('[osc]\nport = 9731\n[targets.lights]\nprofile = "osc"\nhost = "127.0.0.1"\nport = 9731\n')
    code, out, _ = run(capsys, "check", show)
    told = "[targets.lights] is showctl itself, which does not listen to itself: give it the port of the other"
    assert (code, out.splitlines()[0]) == (0, f"show.toml: warning: {told}")


def test_watching_checks_again_when_a_file_is_saved(show: Path) -> None:
    command = [sys.executable, "-m", "showctl", "check", str(show), "--watch"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("── ")
        (show / "show.toml").write_text("titel = 1\n")
        while "titel" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_audio_is_prepared_once(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    code, out, err = run(capsys, "prepare", show)
    assert (code, out) == (0, "prepared\n")
    assert err.splitlines() == ["preparing songs/opener/stems/bass.wav", "preparing songs/closer/stems/bass.wav"]
    assert run(capsys, "prepare", show) == (0, "prepared\n", "")


# ── bounce ──


def read(path: Path) -> npt.NDArray[np.float32]:
    samples, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    return np.asarray(samples)


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_song_is_rendered_with_its_count_in_each_bus_to_a_file(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, _, err = run(capsys, "bounce", show, "closer", "-o", out)
    assert code == 0, err
    assert sorted(path.name for path in out.iterdir()) == ["drums.wav", "events.jsonl", "house.wav"]
    house = read(out / "house.wav")
    assert not house[:BAR].any()
    np.testing.assert_allclose(house[BAR : 3 * BAR], noise(1, 2 * BAR), atol=1e-6)
    assert read(out / "drums.wav")[:1000].any()  # the count-in's first click


def test_a_vamp_that_nobody_leaves_is_played_once(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    run(capsys, "bounce", show, "closer", "-o", tmp_path / "out")
    beats = [row for row in rows(tmp_path / "out" / "events.jsonl") if row["type"] == "beat"]
    assert [(row["bar"], row["beat"]) for row in beats] == [(bar, beat) for bar in (0, 1, 2) for beat in (1, 2, 3, 4)]
    assert [row["frame"] for row in beats] == [number * RATE // 2 for number in range(12)]
    assert [row["seconds"] for row in beats] == [number / 2 for number in range(12)]


def test_events_are_everything_in_order(capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path) -> None:
    run(capsys, "bounce", show, "closer", "-o", tmp_path / "out")
    found = [row for row in rows(tmp_path / "out" / "events.jsonl") if row["type"] in {"song", "transport", "section"}]
    assert found == [
        {"frame": 0, "seconds": 0.0, "type": "song", "entry": 2},
        {"frame": 0, "seconds": 0.0, "type": "transport", "state": "countin"},
        {"frame": BAR, "seconds": 2.0, "type": "transport", "state": "playing"},
        {"frame": BAR, "seconds": 2.0, "type": "section", "entry": 2, "index": 1, "name": "Intro", "bars": 1},
        {"frame": 2 * BAR, "seconds": 4.0, "type": "section", "entry": 2, "index": 2, "name": "Verse", "bars": 1},
        {"frame": 3 * BAR, "seconds": 6.0, "type": "song", "entry": 0},
        {"frame": 3 * BAR, "seconds": 6.0, "type": "transport", "state": "stopped"},
    ]


def test_what_is_announced_has_its_own_moment_and_how_long_until(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    run(capsys, "bounce", show, "closer", "-o", tmp_path / "out")
    found = [row for row in rows(tmp_path / "out" / "events.jsonl") if row["type"] == "next"]
    assert found == [
        {"frame": BAR, "seconds": 2.0, "type": "next", "entry": 2, "index": 2, "name": "Verse", "until": 2.0},
        {"frame": 2 * BAR, "seconds": 4.0, "type": "next", "entry": 0, "index": 0, "name": "", "until": 2.0},
    ]


def test_several_songs_have_a_folder_each(capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path) -> None:
    assert run(capsys, "bounce", show, "-o", tmp_path / "out")[0] == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["closer", "opener", "opener-2"]
    assert (tmp_path / "out" / "opener-2" / "house.wav").exists()


def test_a_song_that_is_not_in_the_setlist_is_wrong_usage(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    code, _, err = run(capsys, "bounce", show, "encore", "-o", tmp_path / "out")
    assert code == 2
    assert err.endswith("showctl: expected a song of the setlist (opener, closer), got encore\n")


def refused_output(capsys: pytest.CaptureFixture[str], show: Path, out: Path, *songs: str) -> str:
    """What is told where the files cannot be written: one sentence, after the lines of progress."""
    code, _, err = run(capsys, "bounce", show, *songs, "-o", out)
    assert (code, err.count("showctl: ")) == (1, 1)
    return err.splitlines()[-1].removeprefix("showctl: ")


def test_a_file_where_a_folder_should_be_is_told_before_anything_is_rendered(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    told = f"expected a folder at {tmp_path / 'file'}, found a file: choose another place with -o"
    assert refused_output(capsys, show, tmp_path / "file", "closer") == told
    assert refused_output(capsys, show, tmp_path / "file" / "in" / "it", "closer") == told
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "opener-2").symlink_to("nowhere")
    told = f"expected a folder at {tmp_path / 'out' / 'opener-2'}, found a file: choose another place with -o"
    assert refused_output(capsys, show, tmp_path / "out") == told
    assert not list((tmp_path / "out" / "opener").iterdir())


def test_a_folder_that_may_not_be_written_to_is_told_with_what_to_do(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, _: path != tmp_path / "out")  # root may write anywhere
    told = f"expected a folder that you may write to, found {tmp_path / 'out'} to be none: "
    assert refused_output(capsys, show, tmp_path / "out", "closer").startswith(told)


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can make a folder in Linux's /proc")
def test_a_folder_that_cannot_be_made_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str], show: Path) -> None:
    told = "cannot make the folder /proc/out (No such file or directory): make the one above it writable"
    assert refused_output(capsys, show, Path("/proc/out"), "closer").startswith(told)


def test_what_is_in_the_way_of_a_file_is_told_by_its_name(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    for name in ("drums.wav", "events.jsonl"):
        (tmp_path / name / name).mkdir(parents=True)
        told = refused_output(capsys, show, tmp_path / name, "closer")
        assert told.startswith(f"cannot write {tmp_path / name / name} (Is a directory): ")
        assert told.endswith("choose another folder with -o")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "drums.wav").symlink_to("/dev/full")
    told = refused_output(capsys, show, out, "closer")
    assert told.startswith(f"cannot write all of the audio to {out} (no space is left, or the disk fails): ")
    assert told.endswith("free space there, or choose another folder with -o")


def test_a_recorded_night_is_rendered_with_every_pass_of_its_vamps(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    score = Score(load(show, cache()).usable())
    plan, _ = first_plan(score.show, score.hash)
    head = Frame(12345)
    go = Edit("1.1", 1, 1, None, start_plan(score, 1).spans[1:])
    panic = Edit("1.2", 1, 2, None, (Rest(Frame(0), "panic", hush=True),))
    begin_night(tmp_path / "night.jsonl", plan)
    with NightLog(tmp_path / "night.jsonl") as log:
        log.append([Committed(2, head, go), Committed(3, Frame(head + 3 * BAR), panic)])
    code, _, err = run(capsys, "bounce", show, "-o", tmp_path / "out", "--plan", tmp_path / "night.jsonl")
    assert code == 0, err
    assert "has changed" not in err
    house = read(tmp_path / "out" / "house.wav")
    seam = BAR - 1000  # before it the end of a pass is faded into its beginning
    second_pass = house[head + 2 * BAR :][:seam]
    np.testing.assert_allclose(second_pass, noise(0, 2 * BAR)[:seam], atol=1e-6)
    beats = [row["frame"] for row in rows(tmp_path / "out" / "events.jsonl") if row["type"] == "beat"]
    assert beats == [head + number * RATE // 2 for number in range(12)]


def test_a_night_is_rendered_as_a_whole(capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path) -> None:
    code, _, err = run(capsys, "bounce", show, "closer", "-o", tmp_path / "out", "--plan", tmp_path / "night.jsonl")
    assert (code, err) == (2, "showctl: expected songs or --plan, got both: a night is rendered as a whole\n")


# ── serve, devices ──


@contextmanager
def serving(show: Path, tmp_path: Path, *options: str) -> Iterator[dict[str, str]]:
    """The real thing, ready, with what its line says; it has ended at Ctrl-C afterwards. Its errors are in `told`."""
    command = [sys.executable, "-m", "showctl", "serve", str(show), "--no-zeroconf", *options]
    state = ["--state", str(tmp_path / "run"), "--osc-port", "0", "--web-port", "0"]
    with (
        (tmp_path / "told").open("w") as told,
        subprocess.Popen([*command, *state], stdout=subprocess.PIPE, stderr=told, text=True) as process,
    ):
        assert process.stdout
        word, *facts = process.stdout.readline().split()
        assert word == "ready", (tmp_path / "told").read_text()
        yield dict(fact.split("=", 1) for fact in facts)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=20) == 0


def log_of(show: Path, tmp_path: Path) -> str:
    return next((tmp_path / "state" / "showctl" / show_name(show)).glob("*.log")).read_text()


def test_serve_runs_the_real_thing_until_ctrl_c(show: Path, tmp_path: Path) -> None:
    with serving(show, tmp_path, "--bind", "127.0.0.1") as facts:
        assert list(facts) == ["osc", "web", "engine", "control", "pacer", "device"]
    told = (tmp_path / "told").read_text()
    night = next((tmp_path / "state" / "showctl" / show_name(show)).glob("*.jsonl"))
    assert f"the night was recorded: {night}" in told
    assert "Traceback" not in told + log_of(show, tmp_path)


@contextmanager
def caller(port: int) -> Iterator[SimpleTCPClient]:
    with SimpleTCPClient("127.0.0.1", port, mode="1.0") as client:  # type: ignore[no-untyped-call]
        yield client


def test_a_control_that_was_replaced_goes_on_accepting_on_the_named_interface(show: Path, tmp_path: Path) -> None:
    with serving(show, tmp_path, "--interface", "lo") as facts:
        host, _, port = facts["osc"].rpartition(":")
        assert host == "127.0.0.1"
        for number in range(2):
            with caller(int(port)) as client:
                client.send_message("/subscribe", ["song"])
                assert next(client.get_messages(30)).address.startswith("/")
                client.send_message("/ping", number)
                while (message := next(client.get_messages(30))).address != "/pong":
                    pass
                assert message.params == [number]
                if number == 0:
                    os.kill(int(facts["control"]), signal.SIGKILL)
    assert "Traceback" not in log_of(show, tmp_path)


def test_a_wrong_interface_is_one_sentence_with_those_there_are(
    capsys: pytest.CaptureFixture[str], show: Path, tmp_path: Path
) -> None:
    code, out, err = run(capsys, "serve", show, "--interface", "eth99", "--state", tmp_path / "run")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith(
        "showctl: expected a network interface of this machine, got 'eth99': there are lo"
    )


def test_the_virtual_device_is_always_listed(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "devices")
    assert code == 0
    assert out.splitlines()[-1] == "virtual\tany outputs\tany rate\tno hardware"
