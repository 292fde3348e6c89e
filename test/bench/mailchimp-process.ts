import { z } from 'zod';
import { startMailchimp } from '../../src/simulator/mailchimp.ts';

/**
 * A simulated Mailchimp as a process of its own. `./run.sh simulate mailchimp` serves one list and prints a line for each
 * request; this one serves several, prints nothing, and begins with every member's text made, so that what is measured
 * is who asks, not who answers. Arguments: `{"lists": {"a": 1000}, "latencyMs": 0}`. It ends with its standard input.
 */
const { lists, latencyMs } = z
  .object({ lists: z.record(z.string(), z.number()), latencyMs: z.number() })
  .parse(JSON.parse(process.argv[2] ?? ''));

const simulator = await startMailchimp({ lists });
const { url, apiKey } = simulator;
const authorization = `Basic ${Buffer.from(`bench:${apiKey}`).toString('base64')}`;
let bytes = 0;
let members = 0;
for (const [list, count] of Object.entries(lists)) {
  for (let offset = 0; offset < count; offset += 1000) {
    const query = `count=1000&offset=${offset}&exclude_fields=members._links,_links&sort_field=last_changed`;
    const answer = await fetch(`${url}/lists/${list}/members?${query}`, { headers: { authorization } });
    bytes += (await answer.arrayBuffer()).byteLength;
  }
  members += count;
}
simulator.setLatency(latencyMs);
process.stdin.resume();
process.stdin.once('end', () => process.exit());
process.stdout.write(`${JSON.stringify({ url, apiKey, memberBytes: Math.round(bytes / members) })}\n`);
