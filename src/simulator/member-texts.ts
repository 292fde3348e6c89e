import { memberLinks } from './links.ts';
import { idOf, memberJson } from './member.ts';
import type { Population } from './population.ts';

/** The members of one list as JSON text in UTF-8. */
export interface MemberTexts {
  readonly bare: (member: number) => Buffer;
  /** With `_links`. */
  readonly full: (member: number) => Buffer;
}

/** Some 70 MB at most. What a larger list has beyond it is made anew each time, some 4 us a member. */
const kept = 65_536;

/** Keeps the text of a member until it changes, so that a page is little more than a join. */
export function createMemberTexts(listId: string, base: string, population: Population): MemberTexts {
  const texts = Array.from<Buffer | undefined>({ length: kept });
  const owners = new Int32Array(kept).fill(-1);
  const versions = new Uint32Array(kept);

  return {
    bare,
    full: (member) =>
      Buffer.concat([
        bare(member).subarray(0, -1),
        Buffer.from(`,"_links":${JSON.stringify(memberLinks(base, listId, idOf(member)))}}`),
      ]),
  };

  function bare(member: number): Buffer {
    const version = population.version(member);
    const place = member % kept;
    const known = texts[place];
    if (known !== undefined && owners[place] === member && versions[place] === version) return known;
    const text = Buffer.from(
      memberJson({
        listId,
        member,
        version,
        lastChanged: population.lastChanged(member),
        optedIn: population.optedIn(member),
      }),
    );
    texts[place] = text;
    owners[place] = member;
    versions[place] = version;
    return text;
  }
}
