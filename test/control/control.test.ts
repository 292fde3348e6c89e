import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { askController } from '../../src/control/client.ts';
import { accept, type Routes, serveControl } from '../../src/control/server.ts';
import { type SocketPath, socketPath } from '../../src/control/socket-path.ts';
import { commandSchema } from '../../src/control/messages.ts';
import type { PersonCommand } from '../../src/model/commands.ts';
import { SettingError, SluiceError } from '../../src/model/errors.ts';
import { temporaryFolder } from '../state/temporary-folder.ts';
import { until } from '../support/until.ts';

// S22: HTTP over state/control.sock, mode 0600; a path over 100 bytes goes to a private temporary folder.

const user = process.getuid?.() ?? 0;
const anything = z.unknown();

async function serve(at: SocketPath, routes: Routes, answerMs?: number): Promise<void> {
  const server = await serveControl(at, routes, answerMs);
  onTestFinished(() => server.close());
}

function ask(at: SocketPath, path: string, query: Record<string, string> = {}): Promise<unknown> {
  return askController(at, { path, query, answer: anything });
}

/** A state folder whose socket's path has just that many bytes. */
function folderOf(bytes: number, parent = temporaryFolder()): string {
  const folder = join(parent, 'é'.repeat(20), 'x'.repeat(bytes));
  const extra = Buffer.byteLength(join(folder, 'control.sock')) - bytes;
  return folder.slice(0, folder.length - extra);
}

describe('a controller that runs', () => {
  test('answers by path, with the query', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    await serve(at, {
      '/status': () => [{ id: 'a' }],
      '/queues/peek': (query) => Promise.resolve({ name: query.get('name') }),
      '/nothing': () => undefined,
    });
    expect(await ask(at, '/status')).toEqual([{ id: 'a' }]);
    expect(await ask(at, '/queues/peek', { name: 'a b&c=é' })).toEqual({ name: 'a b&c=é' });
    expect(await ask(at, '/nothing')).toBeNull();
  });

  test('answers two at once, the quick one first', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    const slow = Promise.withResolvers<string>();
    await serve(at, { '/slow': () => slow.promise, '/quick': () => 'quick' });
    const waiting = ask(at, '/slow');
    expect(await ask(at, '/quick')).toBe('quick');
    slow.resolve('slow');
    expect(await waiting).toBe('slow');
  });

  test('gives its own error with what to do', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    const told = new SluiceError('redis is down', {
      code: 'queue.timeout',
      recovery: 'retry',
      hint: 'start it',
    });
    await serve(at, { '/queues': () => Promise.reject(told), '/throws': () => JSON.parse('{') });
    await expect(ask(at, '/queues')).rejects.toMatchObject({
      message: 'redis is down',
      code: 'queue.timeout',
      hint: 'start it',
    });
    await expect(ask(at, '/throws')).rejects.toMatchObject({ code: 'unexpected' });
  });

  test.each(['/unknown', '/', '//', '/toString', '/status/'])('has nothing at %s', async (path) => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    await serve(at, { '/status': () => [] });
    await expect(ask(at, path)).rejects.toMatchObject({
      code: 'control.unknown',
      message: `nothing at ${path}`,
    });
  });

  test('answers only GET, and outlives requests that make no sense', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    await serve(at, { '/status': () => [], '/big': () => ({ number: 1n }) });
    expect(await raw(at, 'POST /status HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 404/);
    expect(await raw(at, 'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 404/);
    expect(await raw(at, 'no http at all\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
    await expect(ask(at, '/big')).rejects.toMatchObject({ code: 'unexpected' });
    expect(await ask(at, '/status')).toEqual([]);
  });

  test('that does not know the answer in time says so, also for a route that does not listen', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    let told = false;
    await serve(
      at,
      {
        '/stuck': (_query, signal) => {
          signal.addEventListener('abort', () => (told = true));
          return new Promise(() => {});
        },
      },
      50,
    );
    await expect(ask(at, '/stuck')).rejects.toMatchObject({
      code: 'control.timeout',
      message: 'no answer within 0.05 s',
    });
    expect(told).toBe(true);
  });

  test('that closes cuts off who still waits, and leaves no socket', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    const server = await serveControl(at, { '/stuck': () => new Promise(() => {}) });
    const waiting = ask(at, '/stuck');
    await until(() => existsSync(at.path));
    const [outcome] = await Promise.allSettled([
      waiting,
      raw(at, 'GET /unknown HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').then(() => server.close()),
    ]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'control.unreachable' } });
    expect(existsSync(at.path)).toBe(false);
    await server.close();
  });
});

const post = async (at: SocketPath, body: unknown): Promise<unknown> =>
  await askController(at, { path: '/command', body, answer: anything });

describe('what is posted', () => {
  const command = z.strictObject({ type: z.literal('pause'), ids: z.array(z.string()) });
  const routes: Routes = {
    '/command': accept(command, ({ ids }) => ({ paused: ids })),
    '/status': () => 'untouched',
  };
  async function served(answerMs?: number): Promise<SocketPath> {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    await serve(at, routes, answerMs);
    return at;
  }

  test('is read as JSON, checked, and answered', async () => {
    const at = await served();
    expect(await post(at, { type: 'pause', ids: ['a', 'ä'] })).toEqual({ paused: ['a', 'ä'] });
  });

  test.each([
    [{ type: 'pause' }, /^not understood: ids /],
    [{ type: 'pause', ids: ['a'], more: 1 }, /^not understood: /],
    [{ type: 'explode', ids: [] }, /^not understood: type /],
    [[], /^not understood: /],
    ['x'.repeat(100_000), /^more than 65536 bytes$/],
  ])('%j is refused with what is wrong', async (body, message) => {
    const at = await served();
    await expect(post(at, body)).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    );
    expect(await ask(at, '/status')).toBe('untouched');
  });

  test('is refused with 400 when it is not JSON, and nowhere else taken', async () => {
    const at = await served();
    const head = 'HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n{';
    expect(await raw(at, `POST /command ${head}`)).toMatch(/^HTTP\/1.1 400/);
    expect(await raw(at, `POST /status ${head}`)).toMatch(/^HTTP\/1.1 404/);
    expect(await raw(at, `PUT /command ${head}`)).toMatch(/^HTTP\/1.1 404/);
    expect(await raw(at, 'GET /command HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1.1 404/);
  });

  test('without an end is not waited for, and holds nobody up', async () => {
    const at = await served(50);
    const never = connect(at.path);
    onTestFinished(() => void never.destroy());
    const closed = new Promise<void>((resolve) => never.once('close', () => resolve()));
    never.on('error', () => {});
    never.resume();
    never.write('POST /command HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{');
    expect(await ask(at, '/status')).toBe('untouched');
    await closed;
  });
});

describe('the messages of commands', () => {
  test.each<PersonCommand>([
    { type: 'run', id: 'a' },
    { type: 'reset', id: 'a' },
    { type: 'pause', ids: 'all' },
    { type: 'resume', ids: ['a', 'b'] },
    { type: 'set', id: 'a', fields: { worker_count: 3, latest_timestamp: null } },
    { type: 'cancel', id: 'a' },
    { type: 'undo', generation: 17 },
  ])('$type goes through as it is', (command) => {
    expect(commandSchema.parse(JSON.parse(JSON.stringify(command)))).toEqual(command);
  });

  test.each([
    { type: 'pause', ids: [] },
    { type: 'reset', id: '' },
    { type: 'undo', generation: 1.5 },
    { type: 'set', id: 'a' },
  ])('%j is none', (command) => {
    expect(commandSchema.safeParse(command).success).toBe(false);
  });
});

describe('where no controller runs', () => {
  test('there is no answer', async () => {
    expect(await ask(socketPath(temporaryFolder(), '/nowhere', user), '/status')).toBeUndefined();
    expect(await ask(socketPath('/no/such/folder', '/nowhere', user), '/status')).toBeUndefined();
  });

  test('a socket that a killed process left is no controller, and the next one takes its place', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    const code = `require('node:net').createServer().listen(${JSON.stringify(at.path)}, () => console.log('up'))`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'ignore'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(existsSync(at.path)).toBe(true);
    expect(await ask(at, '/status')).toBeUndefined();
    await serve(at, { '/status': () => 'new' });
    expect(await ask(at, '/status')).toBe('new');
  });
});

describe('something else answers', () => {
  test.each([
    [200, 'not json'],
    [200, '{"of":"another version"}'],
    [500, '<html>'],
    [500, '{}'],
  ])('%i %s is not understood, and the person is told what may be', async (status, text) => {
    const at = await impostor(status, text);
    await expect(askController(at, { path: '/status', answer: z.array(z.string()) })).rejects.toMatchObject({
      code: 'control.unexpected',
      hint: 'it may be of another version: stop it and start it again',
    });
  });

  test('one that never answers is given up', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    await serve(at, { '/status': () => new Promise(() => {}) });
    await expect(askController(at, { path: '/status', answer: anything }, 50)).rejects.toMatchObject({
      code: 'control.unreachable',
      message: `a controller holds ${at.path} but cannot be asked: no answer within 0.05 s`,
    });
  });
});

describe('the socket', () => {
  test('is for its owner alone', async () => {
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    const before = process.umask(0);
    await serve(at, {});
    process.umask(before);
    expect(statSync(at.path).mode & 0o777).toBe(0o600);
  });

  test('is for its owner alone from the first moment it can be seen', async () => {
    // Whoever comes in between would be let in.
    const at = socketPath(temporaryFolder(), '/nowhere', user);
    const seen = await modesSeen(at, () => serve(at, {}));
    expect(seen).toEqual(new Set([0o600]));
    // Twin: a socket that gets its mode when it is there already was open to all for a moment.
    const open = socketPath(temporaryFolder(), '/nowhere', user);
    const seenOpen = await modesSeen(open, async () => {
      const server = createServer();
      onTestFinished(() => void server.close());
      await new Promise<void>((resolve) => server.listen(open.path, resolve));
      chmodSync(open.path, 0o600);
    });
    expect(seenOpen).toEqual(new Set([0o777, 0o600]));
  });

  test('leaves nothing else behind, also after a start that was killed half way', async () => {
    const folder = temporaryFolder();
    const at = socketPath(folder, '/nowhere', user);
    mkdirSync(join(folder, '.ctl'));
    writeFileSync(join(folder, '.ctl/s'), 'a dead one');
    const server = await serveControl(at, { '/status': () => 'here' });
    expect(await ask(at, '/status')).toBe('here');
    expect(readdirSync(folder)).toEqual(['control.sock']);
    await server.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('fits wherever its own name does', async () => {
    const folder = folderOf(100);
    mkdirSync(folder, { recursive: true });
    const at = socketPath(folder, '/nowhere', user);
    expect(at.folder).toBeUndefined();
    await serve(at, { '/status': () => 'here' });
    expect(await ask(at, '/status')).toBe('here');
  });

  test('lies in the state folder as long as its path has at most 100 bytes', () => {
    for (const [bytes, inside] of [
      [99, true],
      [100, true],
      [101, false],
      [150, false],
    ] as const) {
      const folder = folderOf(bytes);
      expect(Buffer.byteLength(join(folder, 'control.sock'))).toBe(bytes);
      expect(socketPath(folder, '/tmp', user).path === join(folder, 'control.sock')).toBe(inside);
    }
  });

  test('of a folder with a long path is in a private temporary one, the same for every process', async () => {
    const temporary = temporaryFolder();
    const folder = folderOf(160);
    const at = socketPath(folder, temporary, user);
    expect(at).toEqual(socketPath(`${folder}/../${folder.split('/').at(-1)}/`, temporary, user));
    expect(socketPath(`${folder}x`, temporary, user).path).not.toBe(at.path);
    expect(await ask(at, '/status')).toBeUndefined();
    await serve(at, { '/status': () => 'here' });
    expect(await ask(at, '/status')).toBe('here');
    expect(statSync(at.folder ?? '').mode & 0o777).toBe(0o700);
  });

  describe('whose private folder somebody else made first', () => {
    test('as theirs: neither served nor asked', async () => {
      // Told that we are somebody else, our own folder is a stranger's.
      const at = attacked((folder) => mkdirSync(folder), user + 1);
      await expect(serveControl(at, {})).rejects.toThrow(/ belongs to somebody else$/);
      await expect(ask(at, '/status')).rejects.toBeInstanceOf(SettingError);
    });

    test('as a link to a folder elsewhere: neither served nor asked', async () => {
      const elsewhere = temporaryFolder();
      const at = attacked((folder) => symlinkSync(elsewhere, folder));
      await serve(
        { path: join(elsewhere, 'control.sock'), folder: undefined, user },
        { '/status': () => 'a lie' },
      );
      await expect(serveControl(at, {})).rejects.toThrow(/ is not a folder$/);
      await expect(ask(at, '/status')).rejects.toBeInstanceOf(SettingError);
      // Twin: without a look at the folder, the lie is believed.
      expect(await ask({ ...at, folder: undefined }, '/status')).toBe('a lie');
    });

    test('as a link that leads nowhere, or a file', async () => {
      for (const make of [
        (folder: string) => symlinkSync('/no/such/place', folder),
        (folder: string) => writeFileSync(folder, ''),
      ]) {
        await expect(serveControl(attacked(make), {})).rejects.toThrow(/ is not a folder$/);
      }
    });

    test('open to all: it is closed first', async () => {
      const at = attacked((folder) => {
        mkdirSync(folder);
        chmodSync(folder, 0o777);
      });
      await serve(at, {});
      expect(statSync(at.folder ?? '').mode & 0o777).toBe(0o700);
    });
  });
});

/** The modes that a socket has from the moment it is there until it serves, looked at as often as can be. */
async function modesSeen(at: SocketPath, begin: () => Promise<void>): Promise<Set<number>> {
  const modes = new Set<number>();
  const look = (): void => {
    const found = statSync(at.path, { throwIfNoEntry: false });
    if (found) modes.add(found.mode & 0o777);
  };
  const before = process.umask(0);
  try {
    const serving = new AbortController();
    const begun = begin().finally(() => serving.abort());
    // It listens in the same turn in which it is asked to.
    look();
    while (!serving.signal.aborted) {
      await Promise.resolve();
      look();
      await new Promise<void>((resolve) => setImmediate(resolve));
      look();
    }
    await begun;
  } finally {
    process.umask(before);
  }
  look();
  return modes;
}

/** What comes back for these bytes. */
function raw(at: SocketPath, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(at.path, () => socket.write(bytes));
    socket.once('data', (part) => {
      socket.destroy();
      resolve(part.toString());
    });
    socket.once('error', reject);
  });
}

/** A server that speaks HTTP and nothing of ours. */
async function impostor(status: number, text: string): Promise<SocketPath> {
  const at = socketPath(temporaryFolder(), '/nowhere', user);
  const server = createServer((_request, response) => response.writeHead(status).end(text));
  await new Promise<void>((resolve) => server.listen(at.path, resolve));
  onTestFinished(() => void server.close());
  return at;
}

/** A long path whose private folder is made before we come. */
function attacked(make: (folder: string) => void, owner = user): SocketPath {
  const at = socketPath(folderOf(160), temporaryFolder(), owner);
  make(at.folder ?? '');
  return at;
}
