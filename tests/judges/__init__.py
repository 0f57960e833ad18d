"""The service's OSC as programs understand it that nobody of showctl wrote, over real sockets.

    test_liblo          pyliblo3: liblo, in C, as a client over UDP and TCP
    test_liblo_codec    the same, packet by packet: types, bundles, patterns
    test_liblo_tools    oscsend and oscdump, as one types them in a shell
    test_tshark         Wireshark's dissector reads all that the service sent in a night

and elsewhere, beside what they need: npm's osc (tests/clients), npm's oscquery with ws and osc-min (tests/web),
python-osc (tests/osc), Pure Data and SuperCollider (tests/clients).

Where a judge does not know something that the specification has, the test leaves it out and says so.
"""
