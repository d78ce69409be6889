import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import pg from 'pg';

/** Stands between a client and PostgreSQL, and fails when told to. */
export interface TcpProxy {
  /** To the same database, through the proxy. */
  readonly connection: pg.ClientConfig;
  /** Refuse connections and end those there are. */
  goDown(): void;
  /** Accept connections, and pass on whatever is said. */
  comeBack(): void;
  /** Keep connections open and pass on nothing of what the server says. */
  stall(): void;
  /** End every connection once the server has said this much more on it. */
  cutAfter(bytes: number): void;
  close(): Promise<void>;
}

type World = { mode: 'up' | 'down' | 'stalled'; bytesLeft: number };

function join(from: Socket, to: Socket, world: World): void {
  const both = [from, to];
  for (const socket of both) {
    socket.on('error', () => undefined);
    socket.on('close', () => both.forEach((other) => void other.destroy()));
  }
  from.pipe(to);
  to.on('data', (data) => {
    if (world.mode === 'stalled') return;
    world.bytesLeft -= data.length;
    if (world.bytesLeft < 0) from.destroy();
    else from.write(data);
  });
}

/** A proxy for a database on a free port of this machine. */
export async function tcpProxy(target: pg.ClientConfig): Promise<TcpProxy> {
  // A client that never connects knows what a connection string, or the environment, means.
  const { host, port, user, database, password } = new pg.Client(target);
  const world: World = { mode: 'up', bytesLeft: Number.POSITIVE_INFINITY };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (world.mode === 'down') {
      client.destroy();
      return;
    }
    const behind = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    join(client, behind, world);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    connection: {
      host: '127.0.0.1',
      port: address.port,
      user,
      database,
      password: password ?? '',
      ssl: false,
    },
    goDown: () => {
      world.mode = 'down';
      endAll();
    },
    comeBack: () => Object.assign(world, { mode: 'up', bytesLeft: Number.POSITIVE_INFINITY }),
    stall: () => {
      world.mode = 'stalled';
    },
    cutAfter: (bytes) => {
      world.bytesLeft = bytes;
    },
    async close() {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
