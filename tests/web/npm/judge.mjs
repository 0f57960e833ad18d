// An OSCQuery client from npm against a running service: `node judge.mjs HOST WEB_PORT`.
//
// It reads HOST_INFO and the tree, listens to a fader over the WebSocket, sets it by its level over UDP, and reads the
// tree again. What it found is printed as one line of JSON; it ends with 1 and says why where something is missing.

import dgram from "node:dgram";
import { once } from "node:events";

import { fromBuffer, toBuffer } from "osc-min";
import oscquery from "oscquery";
import WebSocket from "ws";

const PATIENCE_MS = 10_000;
const FADER = "/bus/drums/click/fader";
const LEVEL = "/bus/drums/click/db";

const [host, port] = process.argv.slice(2);

function packet(address, value) {
  const view = toBuffer({ address, args: [{ type: "float", value }] });
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}

function read(data) {
  const { address, args } = fromBuffer(data);
  return [address, ...args.map((argument) => argument.value)];
}

async function nextOf(socket) {
  const [data, isBinary] = await once(socket, "message");
  if (!isBinary) throw new Error(`expected an OSC packet, got ${data}`);
  return read(data);
}

async function main() {
  const discovery = new oscquery.OSCQueryDiscovery();
  const service = await discovery.queryNewService(host, Number(port));
  const methods = Object.fromEntries(service.flat().map((method) => [method.full_path, method]));

  const socket = new WebSocket(`ws://${host}:${service.hostInfo.wsPort}/`);
  await once(socket, "open");
  const first = nextOf(socket);
  socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: FADER }));
  const heard = [await first];

  const udp = dgram.createSocket("udp4");
  const second = nextOf(socket);
  udp.send(packet(LEVEL, -10), service.hostInfo.oscPort, host);
  heard.push(await second);

  const third = nextOf(socket);
  socket.send(JSON.stringify({ COMMAND: "IGNORE", DATA: FADER }));
  socket.send(JSON.stringify({ COMMAND: "LISTEN", DATA: LEVEL }));
  heard.push(await third);

  await service.update();
  const level = service.resolvePath(LEVEL).getValue(0);
  udp.close();
  socket.close();
  console.log(JSON.stringify({ hostInfo: service.hostInfo, methods, heard, level }));
}

setTimeout(() => {
  console.error(`no answer within ${PATIENCE_MS} ms`);
  process.exit(1);
}, PATIENCE_MS).unref();

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
