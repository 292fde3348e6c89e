import { createServer, connect, type Socket } from 'node:net';

/** A way to a server that breaks in the middle of what goes through it. */
export interface CuttingProxy {
  readonly port: number;
  /** How often it has broken. */
  readonly cuts: number;
  /** Breaks once `bytes` bytes more have been sent to the server; what is behind them never arrives. */
  cutRequest(bytes: number): void;
  /**
   * Breaks after the next burst of more than `bytes` bytes to the server, which all arrive: the server does what it is
   * asked and the answer is lost.
   */
  loseAnswer(bytes: number): void;
  close(): Promise<void>;
}

export async function startCuttingProxy(host: string, serverPort: number): Promise<CuttingProxy> {
  const open = new Set<Socket>();
  let requestLeft: number | undefined;
  let burst: number | undefined;
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect(serverPort, host);
    let isDeaf = false;
    let sent = 0;
    const cut = (): void => {
      cuts += 1;
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        // What was sent still goes its way.
        if (socket === client && !isDeaf) upstream.end();
      });
    }
    client.on('data', (data: Buffer) => {
      if (requestLeft !== undefined) {
        if (data.length >= requestLeft) {
          const part = data.subarray(0, requestLeft);
          requestLeft = undefined;
          upstream.write(part, cut);
          return;
        }
        requestLeft -= data.length;
      }
      sent += data.length;
      if (burst !== undefined && sent > burst) {
        burst = undefined;
        isDeaf = true;
        // Long enough for the rest of the request and for the server to carry it out.
        setTimeout(cut, 100);
      }
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      sent = 0;
      if (!isDeaf) client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    port: address.port,
    get cuts() {
      return cuts;
    },
    cutRequest: (bytes) => void (requestLeft = bytes),
    loseAnswer: (bytes) => void (burst = bytes),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
