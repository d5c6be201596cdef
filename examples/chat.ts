// Rooms by path, members by name: npx tsx examples/chat.ts, then npx sluice connect 'ws://localhost:8765/rooms/tea?name=Ada'

import { type ConnectionGroup, createServer, refuse, route, type Server } from "sluice";

interface Member {
  readonly name: string;
  readonly room: ConnectionGroup;
}

const server: Server = createServer({
  routes: {
    "/rooms/:room": route<Member>({
      // A real service would look at a cookie or a token here, and may await whatever it takes.
      authenticate: (request) => {
        const name = new URLSearchParams(request.query).get("name") ?? "";
        if (!/^\w{1,20}$/.test(name)) return refuse(401, "Say who you are: ?name=");
        return { name, room: server.group(request.params["room"] ?? "") };
      },
      handler: {
        open: (socket) => {
          const { name, room } = socket.data;
          room.add(socket);
          room.send(`${name} is here; we are ${room.size}`);
        },
        message: (socket, message) => socket.data.room.send(`${socket.data.name}: ${message}`),
        close: (socket) => socket.data.room.send(`${socket.data.name} has left`),
      },
      maxMessageBytes: 4096,
      // Who floods is sent away; everybody else has as many in a burst.
      maxMessagesPerSecond: 20,
    }),
  },
});

await server.listen(Number(process.env["PORT"] ?? 8765));
console.log(`Listening on ${server.url}`);

process.once("SIGINT", () => void server.close());
