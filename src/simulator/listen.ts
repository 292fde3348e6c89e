import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingError } from '../model/errors.ts';

/** Opens the server on 127.0.0.1 and returns its port. Rejects with SettingError when the port cannot be had. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      const message = `cannot listen on 127.0.0.1 port ${port}: ${cause.message}`;
      reject(new SettingError(message, 'Choose another port, or 0 for any free one.', cause));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return portOf(server.address());
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
