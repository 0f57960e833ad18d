from __future__ import annotations

import pytest

from showctl.cues.profiles import CueError, cue_message
from showctl.model.show import OscCall, Target


def target(profile: str, **options: str | int) -> Target:
    return Target("lights", "Lights", profile, "10.0.0.1", 8000, options=dict(options))


@pytest.mark.parametrize(
    ("action", "options", "address"),
    [
        ("12", {}, "/eos/cue/1/12/fire"),
        ("0.5", {}, "/eos/cue/1/0.5/fire"),
        ("2/12", {}, "/eos/cue/2/12/fire"),
        ("12", {"list": 7}, "/eos/cue/7/12/fire"),
        ("2/12.125", {"list": 7}, "/eos/cue/2/12.125/fire"),
    ],
)
def test_eos_is_told_list_and_cue(action: str, options: dict[str, str | int], address: str) -> None:
    assert cue_message(target("eos", **options), action) == OscCall(address)


@pytest.mark.parametrize("action", ["", "go", "1/2/3", "12/", "-1", "1 2", "١"])
def test_what_is_no_cue_number_of_eos_is_said_in_one_sentence(action: str) -> None:
    with pytest.raises(CueError) as caught:
        cue_message(target("eos"), action)
    assert str(caught.value) == (
        f'expected a cue such as "12", "0.5" or "2/12" (list 2) for [targets.Lights], got "{action}": '
        "correct `fire` in the cue"
    )


@pytest.mark.parametrize("profile", ["osc", "eos", "ma3", "resolume"])
def test_a_message_written_out_goes_to_any_machine_as_it_is(profile: str) -> None:
    call = OscCall("/composition/columns/3/connect", (1, 0.5, "ü", True))
    assert cue_message(target(profile), call) is call


@pytest.mark.parametrize("profile", ["osc", "ma3", "hog4", "midi"])
def test_a_profile_without_cue_numbers_says_what_to_write_instead(profile: str) -> None:
    with pytest.raises(CueError) as caught:
        cue_message(target(profile), "12")
    assert str(caught.value) == (
        f'[targets.Lights] has profile "{profile}", for which no cue numbers can be sent: '
        'write the message out, as in osc = ["/address", 1]'
    )


def test_a_midi_target_gets_no_osc() -> None:
    with pytest.raises(CueError, match="does not speak OSC"):
        cue_message(target("midi"), OscCall("/x"))
