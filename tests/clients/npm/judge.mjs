// npm's `osc` against a running service: `node judge.mjs HOST PORT`.
//
// It subscribes with timetags, has a song selected once with an id that it repeats, sets a level in a bundle, starts the
// song with a button's T, and hears bar 1. What it was told is printed as one line of JSON.

import osc from "osc";

const PATIENCE_MS = 20_000;

const [host, port] = process.argv.slice(2);
const udp = new osc.UDPPort({
  localAddress: host,
  localPort: 0,
  remoteAddress: host,
  remotePort: Number(port),
  metadata: true, // with the type of each argument
});

const heard = [];
const beats = {};
let waiting = () => {};

udp.on("message", (message) => {
  heard.push([message.address, ...message.args.map(({ type, value }) => [type, value])]);
  waiting();
});

udp.on("bundle", ({ timeTag, packets }) => {
  for (const { address, args } of packets) {
    if (address === "/beat") beats[`${args[0].value}.${args[1].value}`] = timeTag.native / 1000;
  }
  waiting();
});

function until(isThere) {
  return new Promise((resolve) => {
    waiting = () => isThere() && resolve();
    waiting();
  });
}

const hear = (address, ...values) =>
  until(() => heard.some((each) => each[0] === address && values.every((value, at) => each[at + 1][1] === value)));

const send = (address, ...args) => udp.send({ address, args });
const text = (value) => ({ type: "s", value });

async function main() {
  udp.open();
  await new Promise((resolve) => udp.once("ready", resolve));
  send("/subscribe", ...["beat", "transport", "mix", "timetag"].map(text));
  await hear("/synced");
  const state = heard.splice(0);

  const select = [text("a1"), text("/song/select"), text("tune")];
  send("/cmd", ...select);
  await hear("/ack", "a1", "ok");
  send("/cmd", ...select);
  await hear("/ack", "a1", "duplicate");
  const level = { address: "/bus/drums/click/db", args: [{ type: "f", value: -10 }] };
  const dim = { address: "/bus/drums/dim", args: [{ type: "T" }] };
  udp.send({ timeTag: osc.timeTag(0), packets: [level, dim] });
  await hear("/bus/drums/click/fader");
  send("/goo");
  await hear("/error");
  const answers = heard.filter(([address]) => address !== "/transport");

  send("/go", { type: "T" });
  await until(() => "2.1" in beats);
  console.log(JSON.stringify({ state, answers, beats }));
  udp.close();
}

setTimeout(() => {
  console.error(`not heard within ${PATIENCE_MS} ms; so far: ${JSON.stringify({ heard, beats })}`);
  process.exit(1);
}, PATIENCE_MS).unref();

await main();
