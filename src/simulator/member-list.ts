import { chooseFields, parseFields, type FieldChoice } from './fields.ts';
import { pathLinks } from './links.ts';
import { summarise } from './list-summary.ts';
import { createMemberTexts } from './member-texts.ts';
import { parseMembersQuery, type Bounds } from './members-query.ts';
import type { Population } from './population.ts';
import type { Problem } from './problem.ts';
import type { Answer } from './reply.ts';
import { sampleMembers } from './samples.ts';

const comma = Buffer.from(',');

/** One list of the account, as the API shows it. */
export interface MemberList {
  readonly id: string;
  readonly population: Population;
  /** The list itself: id, name, stats. */
  describe(): object;
  members(query: URLSearchParams, bounds: Bounds): Answer | Problem;
}

export function createMemberList(id: string, base: string, population: Population): MemberList {
  const texts = createMemberTexts(id, base, population);
  const links = JSON.stringify(pathLinks(base, `/lists/${id}/members`));

  return {
    id,
    population,
    describe() {
      population.catchUp();
      return summarise(id, base, population);
    },
    members(query, bounds) {
      const fields = parseFields(query, sampleMembers);
      if ('status' in fields) return fields;
      const asked = parseMembersQuery(query, bounds);
      if ('status' in asked) return asked;
      population.catchUp();
      const { members, total } = population.page(asked.window, asked.offset, asked.count);
      return { status: 200, body: page(members, total, fields), records: members.length };
    },
  };

  function page(members: readonly number[], total: number, fields: FieldChoice): Buffer {
    const rest = [
      part('list_id', fields, () => JSON.stringify(id)),
      part('total_items', fields, () => String(total)),
      part('_links', fields, () => links),
    ].filter(Boolean);
    if (!isChosen('members', fields)) return Buffer.from(`{${rest.join(',')}}`);
    const open = Buffer.from('{"members":[');
    const close = Buffer.from(`]${rest.map((one) => `,${one}`).join('')}}`);
    const text = memberText(fields);
    return Buffer.concat([
      open,
      ...members.flatMap((member, at) => (at === 0 ? [text(member)] : [comma, text(member)])),
      close,
    ]);
  }

  /** Members are the bulk of every answer: the two usual choices are served from kept text. */
  function memberText(fields: FieldChoice): (member: number) => Buffer {
    if (fields.type === 'all') return (member) => texts.full(member);
    const names = fields.names.filter((name) => name.startsWith('members.'));
    const linksOnly = names.every((name) => name === 'members._links');
    if (fields.type === 'except' && linksOnly) return names.length > 0 ? texts.bare : texts.full;
    const text =
      names.some((name) => name.startsWith('members._links')) || names.length === 0 ? texts.full : texts.bare;
    return (member) => {
      const chosen = chooseFields(JSON.parse(text(member).toString()), fields, ['members']);
      return Buffer.from(JSON.stringify(chosen));
    };
  }
}

/** One property of an answer, or nothing when it was not chosen. */
function part(name: string, fields: FieldChoice, text: () => string): string {
  return isChosen(name, fields) ? `"${name}":${text()}` : '';
}

function isChosen(name: string, fields: FieldChoice): boolean {
  return chooseFields([], fields, [name]) !== undefined;
}
