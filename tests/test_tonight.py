"""What belongs to the night: the lock, mixes, targets and cues, over real UDP and over the death of a control."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from showctl.model.lock import LOCKED
from showctl.model.mix import BusMix, Mix
from showctl.model.night import Night
from showctl.model.show import Cue, OscCall, Target
from showctl.shared.boards import mixes_reader, night_reader
from showctl.shared.kept import read_kept
from showctl.shared.rundir import RuntimeDirectory
from tests.rig import Rig, Tablet, running_service
from tests.test_feedback import heard_by
from tests.test_service import SHOW as SONGS

LIGHTS = Target("lights", "Lights", "osc", "127.0.0.1", 1, latency_ms=15.0)
BLACKOUT = Cue("Black-out", "lights", OscCall("/blackout", (1,)), on="stop")
SHOW = msgspec.structs.replace(SONGS, targets=(LIGHTS,), cues=(BLACKOUT,))


def live(rig: Rig) -> Mix:
    return rig.service.conductor.plan.mixes[-1].mix


def night(path: Path) -> Night:
    found = night_reader(RuntimeDirectory(path)).read()
    assert found
    return found


async def play(tablet: Tablet) -> None:
    await tablet.send("/song/select", 1)
    await tablet.send("/go")
    await heard_by(tablet)


# ── the lock ──


async def test_a_locked_song_plays_on_and_who_pressed_is_told_why(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/lock", 1)
        await play(tablet)
        for address in ("/stop", "/pause", "/section/next"):
            await tablet.send(address)
            assert await tablet.hear() == ("/error", address, LOCKED)
        assert rig.service.conductor.view().state == "playing"
        await tablet.send("/bus/drums/click/db", -20.0)
        await tablet.send("/panic")
        assert await heard_by(tablet) == []
        assert rig.service.conductor.view().state == "stopped"


async def test_the_lock_is_told_under_transport_on_sync_and_on_change(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet, other = await rig.tablet("transport"), await rig.tablet()
        await tablet.send("/sync")
        assert ("/lock", 0) in await tablet.hear_until("/synced")
        await other.send("/lock/toggle")
        assert await heard_by(tablet) == [("/lock", 1)]


async def test_lock_targets_and_held_cues_survive_a_control(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        for address, value in (
            ("/lock", 1),
            ("/target/lights/enabled", 0),
            ("/target/lights/latency", 40.0),
            ("/cue/hold", 1),
        ):
            await tablet.send(address, value)
        await heard_by(tablet)
        await rig.replace_control()
        tablet = await rig.tablet("mix", "transport")
        await tablet.send("/sync")
        state = {message[0]: message[1] for message in await tablet.hear_until("/synced")}
        states = ("/lock", "/target/lights/enabled", "/target/lights/latency", "/cue/hold")
        assert [state[address] for address in states] == [1, 0, 40.0, 1]


# ── cues ──


async def test_a_cue_by_hand_is_in_the_night_before_it_is_sent(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/cue/fire", "BLACK out")
        await heard_by(tablet)
        assert [(fired.cue, fired.entry) for fired in night(tmp_path).fired] == [(BLACKOUT, 0)]
        await tablet.send("/cue/fire", "white")
        assert await tablet.hear() == ("/error", "/cue/fire", 'no cue is called "white": there are Black-out')
        await tablet.send("/target/lights/enabled", False)
        await tablet.send("/cue/fire", "black-out")
        assert "switched off" in str((await tablet.hear())[2])


# ── mixes ──


async def test_levels_are_saved_loaded_and_reverted(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet, other = await rig.tablet("mix"), await rig.tablet("mix")
        await tablet.send("/bus/drums/click/db", -20.0)
        await tablet.send("/bus/drums/mono", True)
        await tablet.send("/cmd", "save", "/mix/save", "Quiet Drums")
        assert (await tablet.hear_until("/ack"))[-1] == ("/ack", "save", "ok", "ok")
        await other.hear_until("/bus/drums/mono")  # all that has changed so far has been told
        await tablet.send("/mix/revert")
        assert ("/bus/drums/mono", 0) in await tablet.hear_until("/bus/drums/mono")
        assert live(rig).buses == {}
        await heard_by(other)
        await tablet.send("/mix/load", "quiet drums")
        told = [("/bus/drums/click/db", -20.0), ("/bus/drums/click/fader", 0.375), ("/bus/drums/mono", 1)]
        assert (await heard_by(tablet), await heard_by(other)) == (told, told)
        await tablet.send("/mix/load", "loud")
        assert await tablet.hear() == ("/error", "/mix/load", 'no mix is called "loud": there are quiet-drums')


async def test_a_saved_mix_survives_a_control(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/talkback", True)
        await tablet.send("/bus/drums/click/db", -20.0)
        await tablet.send("/mix/save", "a")
        await heard_by(tablet)
        mixes = mixes_reader(RuntimeDirectory(tmp_path)).read()
        assert mixes
        assert mixes.named == {"a": {"drums": BusMix(levels_db={"click": -20.0})}}
        await rig.replace_control()
        await tablet.send("/mix/revert")
        await tablet.send("/mix/load", "a")
        await heard_by(tablet)
        assert live(rig).bus("drums").levels_db == {"click": -20.0}
        assert live(rig).talkback


async def test_mixes_and_live_levels_are_written_to_the_file_that_outlives_the_service(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/bus/drums/click/db", -20.0)
        await tablet.send("/mix/save", "a")
        await tablet.send("/bus/drums/click/db", -30.0)
        await heard_by(tablet)
    kept = read_kept(tmp_path / "mixes.json")
    assert kept.mixes.named == {"a": {"drums": BusMix(levels_db={"click": -20.0})}}
    assert kept.live == Mix({"drums": BusMix(levels_db={"click": -30.0})})


async def test_a_full_disk_costs_the_file_and_nothing_else(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "mixes.json").mkdir()
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/mix/save", "a")
        assert await heard_by(tablet) == []
    assert "mixes.json (Is a directory)" in caplog.text
