"""The machines around a show: its own ports, who may do what, tablets and targets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence

from showctl.model.names import is_address, is_instance_name, slug
from showctl.model.show import PRIVATE_RANGES, Access, Client, Ports, Target
from showctl.showfile.happenings import KnownTarget, Targets
from showctl.showfile.problems import KeyPath, did_you_mean, listed, shown
from showctl.showfile.profiles import PROFILES, Profile
from showctl.showfile.report import Named, Report, check_slugs
from showctl.showfile.source import AccessSource, BusSource, ClientSource, OscSource, TargetSource, WebSource

_OPTIONS = ("list", "user", "sequence", "playback", "universe", "workspace", "passcode", "device", "channel")


def compile_ports(report: Report, osc: OscSource, web: WebSource) -> Ports:
    if osc.port == web.port != 0:
        text = f"[osc] and [web] have the same port {web.port}, and both listen on TCP"
        key = "web" if web.model_fields_set else "osc"
        report.error((key, "port"), text, hint="give one of them another")
    if not osc.bare and not osc.prefix and "osc" not in report.damaged:
        text = "bare = false without a prefix leaves no address to speak to"
        report.error(("osc", "bare"), text, hint='write prefix = "foh"')
    return Ports(osc=osc.port, web=web.port, prefix=osc.prefix, bare=osc.bare)


# ── access ──


def compile_access(report: Report, source: AccessSource, buses: Mapping[str, BusSource]) -> Access:
    control = None if source.control is None else _ranges(report, ("access", "control"), source.control)
    slugs = {slug(name): slug(bus.ascii or name) for name, bus in buses.items()}
    known = {own: own for own in slugs.values()} | slugs
    for name in source.mix:
        if slug(name) not in known and "buses" not in report.damaged:
            hint = did_you_mean(name, buses)
            report.error(("access", "mix", name), expected="one of the show's buses", found=shown(name), hint=hint)
    return Access(
        admin=_ranges(report, ("access", "admin"), source.admin),
        control=PRIVATE_RANGES if control is None else control,
        view=_ranges(report, ("access", "view"), source.view),
        mix={
            known.get(slug(name), ""): _ranges(report, ("access", "mix", name), given)
            for name, given in source.mix.items()
        },
        passcode=source.passcode,
    )


def _ranges(report: Report, path: KeyPath, written: Sequence[str]) -> tuple[str, ...]:
    found = (_range(report, (*path, index), text) for index, text in enumerate(written))
    return tuple(text for text in found if text)


def _range(report: Report, path: KeyPath, text: str) -> str:
    """The range as `ipaddress` writes it; a single address is a range of one."""
    try:
        network = ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        expected = 'an address such as "192.168.1.41" or a range such as "192.168.1.0/24"'
        report.error(path, expected=expected, found=shown(text))
        return ""
    if "/" in text and not _starts_at(text, network):
        report.error(
            path, expected="the first address of the range", found=shown(text), hint=f'did you mean "{network}"?'
        )
    return str(network)


def _starts_at(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return ipaddress.ip_address(text.strip().split("/")[0]) == network.network_address


# ── clients and targets ──


def compile_clients(report: Report, sources: Mapping[str, ClientSource]) -> tuple[Client, ...]:
    check_slugs(report, "clients", [Named(name, None, ("clients", name)) for name in sources])
    return tuple(_client(report, name, source) for name, source in sources.items())


def _check_host(report: Report, path: KeyPath, host: str) -> None:
    """What looks like an address is one, whole and without a port: a half one is a name to some systems."""
    numeric = re.fullmatch(r"\s*([\d.]+)(:\d+)?\s*", host)
    if not numeric:
        return
    if numeric[2]:
        report.error(
            path, expected="an address without a port", found=shown(host), hint="the port has a key of its own"
        )
    elif not is_address(host) or host == "0.0.0.0":  # noqa: S104 - it is what must not be
        report.error(path, expected='a host such as "192.168.1.20"', found=shown(host))


def _client(report: Report, name: str, source: ClientSource) -> Client:
    _check_host(report, ("clients", name, "host"), source.host)
    if source.port is None and not is_instance_name(source.host) and "clients" not in report.damaged:
        hint = "only a device that is looked for by its name tells its own"
        report.error(("clients", name), f'[clients.{name}] lacks the key "port"', hint=hint)
    return Client(slug=slug(name), host=source.host, port=source.port or 0, feed=tuple(source.feed))


def compile_targets(report: Report, sources: Mapping[str, TargetSource]) -> tuple[Target, ...]:
    check_slugs(report, "targets", [Named(name, source.ascii, ("targets", name)) for name, source in sources.items()])
    return tuple(_target(report, name, source) for name, source in sources.items())


def _target(report: Report, name: str, source: TargetSource) -> Target:
    profile = PROFILES[source.profile]
    options = {key: value for key in _OPTIONS if (value := getattr(source, key)) is not None}
    if "targets" not in report.damaged:
        _check_reach(report, name, source, profile)
    for key in options.keys() - set(profile.options):
        hint = f"it takes {listed(profile.options, 'and')}" if profile.options else ""
        text = f'a target of profile "{source.profile}" has no key "{key}"'
        report.error(("targets", name, key), text, hint=hint)
    return Target(
        slug=slug(source.ascii or name),
        name=name,
        profile=source.profile,
        host=source.host or "",
        port=source.port or profile.port,
        latency_ms=source.latency_ms,
        feed=tuple(source.feed),
        options=options,
    )


def _check_reach(report: Report, name: str, source: TargetSource, profile: Profile) -> None:
    path = ("targets", name)
    if not profile.network:
        if source.device is None:
            report.error(path, f'[targets.{name}] lacks the key "device"', hint="part of the MIDI output's name")
        for key in ("host", "port"):
            if getattr(source, key) is not None:
                report.error((*path, key), f'a target of profile "{source.profile}" has no key "{key}"')
        return
    if source.host is None:
        report.error(path, f'[targets.{name}] lacks the key "host"', hint='write host = "192.168.1.20"')
    else:
        _check_host(report, (*path, "host"), source.host)
    if source.port is None and not profile.port:
        text = f'[targets.{name}] lacks the key "port"'
        report.error(path, text, hint=f'profile "{source.profile}" has no usual one')


def targets_of(report: Report, sources: Mapping[str, TargetSource]) -> Targets:
    """What cues need to know of the targets."""
    full = {slug(name): KnownTarget(slug(source.ascii or name), source.profile) for name, source in sources.items()}
    known = {target.slug: target for target in full.values()} | full
    return Targets(known, tuple(sources), "targets" in report.damaged)
