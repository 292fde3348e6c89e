import { expect, test } from 'vitest';
import { lineOf, printLine } from '../../src/view/lines.ts';
import { everyEvent } from './every-event.ts';

process.env['TZ'] = 'Europe/Helsinki';

test('every event has its line, in local time; single pages have none', () => {
  const lines = everyEvent.map((event) => {
    const line = lineOf(event);
    return line ? printLine(event.at, line) : `(nothing for ${event.type})`;
  });
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "2026-11-21 12:51:16 INFO |controller| sluice 0.1.0 starting with state/state.json, queue embedded:
    2026-11-21 12:51:16 INFO |controller| checked 2 entries: 1 due, 1 running.
    2026-11-21 12:51:16 INFO |controller| checked 1 entry: 0 due, 0 running.
    2026-11-21 12:51:16 INFO |controller| checked 0 entries: there is nothing to do: add an entry.
    2026-11-21 12:51:16 INFO |controller| done (controller.quit) after 3 h 12 min.
    (nothing for entries.known)
    2026-11-21 12:51:16 INFO |state| the file was changed: 2 entries in force.
    2026-11-21 12:51:16 ERROR |state| state/state.json line 7, column 3: expected a comma; the file read at 2026-11-21T10:00:00Z stays in force
    2026-11-21 12:51:16 ERROR |state| state/state.json line 7, column 3: expected a comma
    2026-11-21 12:51:16 INFO |state| the file is good again.
    2026-11-21 12:51:16 ERROR |state| service "nope" does not run: state/state.json line 7, column 3: expected a comma
    2026-11-21 12:51:16 INFO |controller| list "1a2d" up to date, last updated on 2026-11-21T10:00:00Z, next at 2026-11-21 14:51:16.
    2026-11-21 12:51:16 INFO |controller| list "1a2d" up to date, last updated on 2026-11-21T10:00:00Z.
    2026-11-21 12:51:16 INFO |controller| list "1a2d" is paused.
    2026-11-21 12:51:16 INFO |controller| list "1a2d" requires "LOAD", firing with 8 workers...
    2026-11-21 12:51:16 INFO |controller| list "1a2d" requires "SYNC", going on where it stopped with 1 worker...
    2026-11-21 12:51:16 INFO |sync| list "1a2d": about 10,133 records to read.
    2026-11-21 12:51:16 INFO |sync| list "1a2d": reading what changed behind ordinal 41200 (behind 41000 again, for changes that were committed late).
    2026-11-21 12:51:16 INFO |sync| list "1a2d": reading what changed behind ordinal 0.
    2026-11-21 12:51:16 INFO |sync| list "1a2d": reading what changed behind ordinal 41500.
    (nothing for run.advanced)
    2026-11-21 12:51:16 WARN |sync| list "1a2d": 3 chunks wait for consumers, 0 workers on importer-queue
    (nothing for chunks.waiting)
    (nothing for page.asked)
    (nothing for page.read)
    (nothing for page.reread)
    (nothing for page.confirmed)
    2026-11-21 12:51:16 WARN |sync| list "1a2d": 9,990 of 10,000 records could be read, reading the window again.
    2026-11-21 12:51:16 INFO |sync| list "1a2d": completed, 10,133 read, 10,120 published in 12 s, 104 requests; now at 2026-11-21T10:51:00Z.
    2026-11-21 12:51:16 INFO |sync| list "1a2d": completed, 10,133 read, 10,120 published in 12 s, 1 request, 1 of them retries, 11 ignored as known, 12 read again at page boundaries, 1 dead letter, limited by worker_count, the slowest request took 1.2 s; now at 2026-11-21T10:51:00Z.
    2026-11-21 12:51:16 ERROR |sync| list "1a2d": 401 API Key Invalid - check MAILCHIMP_APIKEY; again at 2026-11-21 12:52:16
    2026-11-21 12:51:16 ERROR |sync| list "1a2d": something broke
    2026-11-21 12:51:16 WARN |sync| list "1a2d": run cancelled, latest_timestamp was edited; nothing was written for it.
    2026-11-21 12:51:16 WARN |sync| list "1a2d": run cancelled, you cancelled it; latest_ordinal stays at 248119004.
    2026-11-21 12:51:16 INFO |sync| list "1a2d": stopped after 700 records; it goes on from there.
    2026-11-21 12:51:16 WARN |sync| list "1a2d": dead letter (no key): it has no id.
    2026-11-21 12:51:16 WARN |sync| list "1a2d": dead letter abc: refused by the consumer.
    (nothing for letters.changed)
    2026-11-21 12:51:16 WARN |source| 429 from us1.api.mailchimp.com (attempt 2), again in 1.5 s.
    2026-11-21 12:51:16 WARN |source| us1.api.mailchimp.com: the answer was cut off (attempt 1), again in 30 s.
    2026-11-21 12:51:16 WARN |queue| redis://10.0.0.5:6379 is down: ECONNREFUSED; waiting for it, nothing is lost.
    2026-11-21 12:51:16 WARN |queue| redis://10.0.0.5:6379 did not answer within 5 s; waiting for it, nothing is lost.
    2026-11-21 12:51:16 INFO |queue| redis://10.0.0.5:6379 is back after 75 s.
    2026-11-21 12:51:16 WARN |queue| lists: 10,000 jobs wait, 0 workers; reading has stopped until there is room.
    2026-11-21 12:51:16 INFO |queue| lists has room again.
    2026-11-21 12:51:16 WARN |controller| quitting on SIGINT.
    2026-11-21 12:51:16 WARN |controller| quitting on controller.quit: 1 run draining, at most 10 s more (once more: stop now).
    2026-11-21 12:51:16 INFO |quit| controller.quit is older than this start: removed
    2026-11-21 12:51:16 WARN |queue| the eviction policy may lose jobs
    2026-11-21 12:51:16 ERROR |state| the disk is full"
  `);
});
