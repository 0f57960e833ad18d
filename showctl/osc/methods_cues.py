"""Rows of the table of methods: the machines around the show, and their cues."""

from __future__ import annotations

from showctl.model import targets
from showctl.osc.arguments import number, text
from showctl.osc.method import Method, OnPlan, call, plan_switch

TARGETS = (
    *plan_switch("/target/<t>/enabled", "the target gets its cues and its feed",
                 lambda view, c: targets.enabled(view, c["t"]),
                 lambda view, c, on: targets.set_enabled(view, c["t"], on)),
    Method("/target/<t>/latency", "how much earlier the target is told; negative is later",
           lambda c, values: OnPlan(lambda view: targets.set_latency(view, c["t"], float(values[0]))),
           (number("latency", -targets.MOST_LATENCY_MS, targets.MOST_LATENCY_MS),),
           lambda view, c: (targets.latency_ms(view.score.show, view.night, c["t"]),), unit="ms"),
)  # fmt: skip

CUES = (
    call("/cue/fire", "sends a cue to its target now", lambda name: lambda view: targets.fire(view, name),
         text("name")),
    *plan_switch("/cue/hold", "cues are left out, not put off, while it is on",
                 lambda view, _: view.night.cues_held, lambda view, _, on: targets.hold(view, on)),
)  # fmt: skip
