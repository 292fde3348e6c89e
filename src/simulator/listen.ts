import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SettingError } from '../model/errors.ts';

/** Opens the server on 127.0.0.1 and returns its port. Rejects with SettingError when the port cannot be had. */
export async function listen(server: HttpServer | HttpsServer, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on 127.0.0.1 port ${port}: ${cause.message}`;
      reject(new SettingError(message, 'Choose another port, or 0 for any free one.', cause));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return portOf(server.address());
}

/** Breaks all connections and frees the port. */
export async function shut(server: HttpServer | HttpsServer): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
