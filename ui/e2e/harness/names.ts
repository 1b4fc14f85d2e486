// A name server that knows one answer: every question for an address is answered with it.
import { type Socket, createSocket } from "node:dgram";

const HEADER_BYTES = 12;

export class Names {
  readonly #socket: Socket;
  readonly port: number;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.address().port;
  }

  static async start(address: string): Promise<Names> {
    const socket = createSocket("udp4");
    socket.on("message", (question, from) => socket.send(answer(question, address), from.port, from.address));
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    return new Names(socket);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
  }
}

/** The question again, with one A record of a minute (RFC 1035, section 4). */
function answer(question: Buffer, address: string): Buffer {
  // The name ends with an empty label; type and class follow.
  const end = question.indexOf(0, HEADER_BYTES) + 1 + 4;
  const header = Buffer.from(question.subarray(0, HEADER_BYTES));
  header.writeUInt16BE(0x8580, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]);
  return Buffer.concat([header, question.subarray(HEADER_BYTES, end), record]);
}
