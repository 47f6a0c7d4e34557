// A minimal chat server on Node: socket.io and pg, as one would write it in an afternoon.
//
//   node node.mjs none | single | batched   [connection of PostgreSQL as JSON]
//
// none keeps nothing; single inserts each message by itself; batched gathers messages while others commit, two
// statements in the air, as the desk does. Standard input takes the orders that common.py describes.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";
import pg from "pg";

const [how, connection] = process.argv.slice(2);
const SEATS = 100;
const IN_THE_AIR = 2;
const ONE = `INSERT INTO messages (room_id, client_msg_id, sender_id, content) VALUES ($1, $2, $3, $4)
  RETURNING id, seq, created_at`;
const MANY = `INSERT INTO messages (room_id, client_msg_id, sender_id, content)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) RETURNING id, seq, created_at`;

const pool = connection && new pg.Pool({ ...JSON.parse(connection), max: 10 });
const waiting = [];
let flights = 0;
let seq = 0;

const columns = (seat) => [seat.message.room_id, seat.message.client_msg_id, seat.sender, seat.message.content];

async function fly() {
  flights++;
  const seats = waiting.splice(0, SEATS);
  const rows = seats.map(columns);
  const values = [0, 1, 2, 3].map((at) => rows.map((row) => row[at]));
  try {
    const written = await pool.query({ name: "many", text: MANY, values });
    seats.forEach((seat, at) => { seat.done(written.rows[at]); });
  } catch (error) {
    for (const seat of seats) seat.failed(error);
  }
  flights--;
  if (waiting.length) fly();
}

const store = {
  none: async () => ({ id: "0", seq: ++seq, created_at: new Date() }),
  single: async (seat) => (await pool.query({ name: "one", text: ONE, values: columns(seat) })).rows[0],
  batched: (seat) =>
    new Promise((done, failed) => {
      waiting.push({ ...seat, done, failed });
      if (flights < IN_THE_AIR) setImmediate(() => waiting.length && flights < IN_THE_AIR && fly());
    }),
}[how];

function event(message, sender, row) {
  const at = row.created_at.toISOString();
  return {
    room_id: message.room_id,
    seq: Number(row.seq),
    kind: "message.created",
    at,
    actor: { id: sender, kind: "agent", name: "Somebody" },
    data: {
      message: {
        id: row.id,
        room_id: message.room_id,
        seq: Number(row.seq),
        client_msg_id: message.client_msg_id,
        sender: { id: sender, kind: "agent", name: "Somebody", avatar_url: null },
        message_type: "chat",
        content: message.content,
        content_html: `<p>${message.content}</p>`,
        attachments: [],
        citations: [],
        quick_replies: [],
        reactions: [],
        status: "sent",
        status_timestamps: { sent: at },
        created_at: at,
      },
    },
  };
}

const web = createServer();
const io = new Server(web, { transports: ["websocket"], serveClient: false });
const desk = io.of("/desk");
desk.on("connection", (socket) => {
  socket.join(socket.handshake.auth.rooms ?? []);
  socket.on("message.send", async (message, ack) => {
    try {
      const row = await store({ message, sender: socket.id });
      ack({ ok: true, id: row.id, seq: Number(row.seq), created_at: row.created_at, duplicate: false });
      desk.to(message.room_id).emit("room.event", event(message, socket.id, row));
    } catch (error) {
      ack({ ok: false, error: { code: "internal", message: String(error) } });
    }
  });
});

const answer = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const orders = createInterface({ input: process.stdin });
orders.on("line", async (line) => {
  const order = JSON.parse(line);
  if (order.do === "cpu") {
    const { user, system } = process.cpuUsage();
    answer({ cpu_us: user + system });
    return;
  }
  for (let n = 0; n < order.each; n++) {
    for (const room of order.rooms) {
      desk.to(room).emit("room.event", order.event);
      await new Promise(setImmediate);
    }
  }
  answer({ emitted: true });
});
orders.on("close", () => process.exit(0));
web.listen(0, "127.0.0.1", 4096, () => answer({ port: web.address().port }));
